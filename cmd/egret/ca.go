package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/egret-proxy/egret/configs/statefile"
	"github.com/egret-proxy/egret/proxy/intercept"
)

func caCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Print the certificate that clients of HTTPS trust",
		Long: `Print the certificate of egret's certificate authority, in PEM. Clients need it
where egret decrypts their HTTPS. The authority is kept in the state directory
of the configuration, and made when there is none; it lives two years.

--bundle, --der and --p12 give it in other forms. Some clients add a certificate
to those that they trust: they take it alone. Others have a setting that
replaces what they trust: they take the bundle. Java takes the trust store.

None of them holds the private key, which stays in the state directory.`,
		Example: `  egret ca --out egret-ca.pem
  egret ca --bundle --out bundle.pem; SSL_CERT_FILE=bundle.pem curl -x http://127.0.0.1:8080 https://api.acme.test
  egret ca --p12 --out egret.p12`,
		Args: usage(cobra.NoArgs),
		RunE: printCA,
	}
	var names []string
	for _, form := range caForms {
		if form.flag != "" {
			cmd.Flags().Bool(form.flag, false, form.usage)
			names = append(names, form.flag)
		}
	}
	cmd.MarkFlagsMutuallyExclusive(names...)
	cmd.Flags().String("password", storePassword, "the `password` of the trust store, which keeps nothing secret")
	cmd.Flags().String("out", "", "write to a `file`, mode 0644, and replace the one that is there")
	cmd.Flags().Bool("new", false, "make a new authority; the old one's file is kept under another name")
	return cmd
}

func printCA(cmd *cobra.Command, _ []string) error {
	form := caFormOf(cmd)
	file, _ := cmd.Flags().GetString("out")
	password, _ := cmd.Flags().GetString("password")
	switch {
	case form.binary && file == "" && isTerminal(cmd.OutOrStdout()):
		return &usageError{fmt.Errorf("--%s is binary, and no terminal shows it: name a file with --out, or send it into a pipe", form.flag)}
	case cmd.Flags().Changed("password") && form.flag != "p12":
		return &usageError{errors.New("--password is that of a trust store, which --p12 makes")}
	}
	cfg, err := load(cmd)
	if err != nil {
		return err
	}
	if file != "" && sameFile(file, filepath.Join(cfg.State, intercept.KeyFile)) {
		return &usageError{fmt.Errorf("--out %s: that file has the authority's private key", file)}
	}
	authority, err := loadCA(cmd, cfg.State)
	if err != nil {
		return err
	}
	ca := shownCA{Authority: authority, path: filepath.Join(cfg.State, intercept.CertificateFile), password: password}
	text, err := form.make(ca)
	if err != nil {
		return err
	}
	if file == "" {
		if _, err := cmd.OutOrStdout().Write(text); err != nil {
			return err
		}
	} else if err := statefile.Replace(file, text, 0o644); err != nil {
		return fmt.Errorf("cannot write certificate: %w", err)
	}
	if warning := authority.Warning(); warning != "" {
		say(cmd.ErrOrStderr(), "warning", warning)
	}
	if file == "" {
		file = "FILE"
	}
	for _, hint := range form.hints(ca, file) {
		say(cmd.ErrOrStderr(), "hint", hint)
	}
	return nil
}

// loadCA gives the authority of a state directory, and says when it is new.
func loadCA(cmd *cobra.Command, state string) (*intercept.Authority, error) {
	renew, _ := cmd.Flags().GetBool("new")
	if renew {
		backup, err := intercept.Renew(state)
		if err != nil {
			return nil, err
		}
		if backup != "" {
			say(cmd.ErrOrStderr(), "hint", fmt.Sprintf("the old authority is in %q; an egret that runs goes on with it until it is started anew", backup))
		}
	}
	_, err := os.Stat(filepath.Join(state, intercept.KeyFile))
	authority, loadErr := intercept.Load(state)
	if loadErr != nil {
		return nil, loadErr
	}
	if renew || errors.Is(err, fs.ErrNotExist) {
		c := authority.Certificate()
		say(cmd.ErrOrStderr(), "hint", fmt.Sprintf("%s is new, in %q; it ends on %s", c.Subject.CommonName, state, c.NotAfter.UTC().Format(time.DateOnly)))
	}
	return authority, nil
}

// sameFile reports whether two names are of one file, which is there.
func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

// describeCA is what a program may want to know of an authority.
func describeCA(ca shownCA) ([]byte, error) {
	c := ca.Certificate()
	text, err := json.Marshal(struct {
		Subject   string    `json:"subject"`
		SHA256    string    `json:"sha256"` // of the certificate in DER, in hex
		NotBefore time.Time `json:"not_before"`
		NotAfter  time.Time `json:"not_after"`
		Path      string    `json:"path"`
	}{c.Subject.String(), fingerprint(c), c.NotBefore, c.NotAfter, ca.path})
	return append(text, '\n'), err
}
