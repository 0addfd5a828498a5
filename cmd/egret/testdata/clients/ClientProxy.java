import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;

class ClientProxy {
    public static void main(String[] args) throws Exception {
        var key = URI.create(System.getenv("HTTPS_PROXY")).getUserInfo();
        var request = HttpRequest.newBuilder(URI.create(args[0]))
                .header("Authorization", "Bearer " + args[1])
                .header("Proxy-Authorization", "Basic " + Base64.getEncoder().encodeToString(key.getBytes()))
                .build();
        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException("status " + response.statusCode());
        }
        System.out.println(response.body());
    }
}
