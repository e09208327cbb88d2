import java.io.*;
import java.net.Socket;
import javax.net.ssl.*;

/** A client of Java's own TLS: STARTTLS, EHLO, QUIT. It trusts the issuers that Java comes with.
 *  usage: java StartTls.java HOST PORT VERSION */
class StartTls {
    private static BufferedReader in;
    private static OutputStream out;

    private static void use(Socket socket) throws IOException {
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), "US-ASCII"));
        out = socket.getOutputStream();
    }

    private static void reply() throws IOException {
        String line;
        do {
            line = in.readLine();
            System.out.println("< " + line);
        } while (line != null && line.length() > 3 && line.charAt(3) == '-');
    }

    private static void command(String text) throws IOException {
        out.write((text + "\r\n").getBytes("US-ASCII"));
        reply();
    }

    public static void main(String[] arguments) throws Exception {
        String host = arguments[0];
        int port = Integer.parseInt(arguments[1]);
        Socket plain = new Socket(host, port);
        use(plain);
        reply();
        command("EHLO client.example.com");
        command("STARTTLS");
        SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
        SSLSocket tls = (SSLSocket) factory.createSocket(plain, host, port, true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setProtocols(new String[] {arguments[2]});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        use(tls);
        command("EHLO client.example.com");
        command("QUIT");
        tls.close();
    }
}
