import java.net.URI;
import javax.net.ssl.HttpsURLConnection;

class Connection {
    public static void main(String[] args) throws Exception {
        var connection = (HttpsURLConnection) URI.create(args[0]).toURL().openConnection();
        connection.setRequestProperty("Authorization", "Bearer " + args[1]);
        try (var body = connection.getInputStream()) {
            System.out.println(new String(body.readAllBytes()));
        }
    }
}
