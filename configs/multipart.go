package configs

import "github.com/egret-proxy/egret/templates"

// multipartBody compiles a mapping of names to texts and files, RFC 7578.
func multipartBody(d *decoder, f *functionEntry, n *node) templates.Body {
	free := d.setsHeader(f, "Content-Type", "multipart")
	if !d.is(n, mapping) {
		return nil
	}
	var parts []templates.FormPart
	for _, m := range n.members {
		if !d.memberName(m) || !d.present(m.value) {
			continue
		}
		if err := templates.CheckPartName(m.key); err != nil {
			d.at(m.place, m.value.path, err.Error(), "")
			continue
		}
		if part := d.formPart(f, m.value); part.Value != nil {
			part.Name = m.key
			parts = append(parts, part)
		}
	}
	body := templates.NewMultipart(parts)
	if free {
		d.contentType(f, body.ContentType())
	}
	return body
}

// formPart reads a part. It has no value when there is a problem.
func (d *decoder) formPart(f *functionEntry, n *node) templates.FormPart {
	if n.kind == mapping {
		return d.formFile(f, n)
	}
	return templates.FormPart{Value: d.passage(f, n, true, func(src templates.Source) (*templates.Passage, error) {
		return templates.ParsePassage(src, templates.MultipartText)
	})}
}
