import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.URI;
import javax.net.ssl.HttpsURLConnection;

class ConnectionProxy {
    public static void main(String[] args) throws Exception {
        var key = URI.create(System.getenv("HTTPS_PROXY")).getUserInfo().split(":", 2);
        Authenticator.setDefault(new Authenticator() {
            protected PasswordAuthentication getPasswordAuthentication() {
                return getRequestorType() == RequestorType.PROXY ? new PasswordAuthentication(key[0], key[1].toCharArray()) : null;
            }
        });
        var connection = (HttpsURLConnection) URI.create(args[0]).toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + args[1]);
        try (var body = connection.getInputStream()) {
            System.out.println(new String(body.readAllBytes()));
        }
    }
}
