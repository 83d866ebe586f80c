package tributary.sdk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** How a request reaches the door. */
public interface Transport {
    Answer send(Delivery.Request request);

    /** What came back; status 0 when nothing did. */
    final class Answer {
        public final int status;
        public final String body;
        public final String retryAfter;

        public Answer(int status, String body, String retryAfter) {
            this.status = status;
            this.body = body;
            this.retryAfter = retryAfter;
        }
    }

    /** The platform's own client, on Android and elsewhere. */
    final class Http implements Transport {
        private static final int PATIENCE = 15_000;
        private static final int SHORT_PATIENCE = 5_000; // a person waits for a link to open
        private static final int MOST_BYTES = 8_000_000;

        @Override
        public Answer send(Delivery.Request request) {
            try {
                HttpURLConnection connection = (HttpURLConnection) new URL(request.url).openConnection();
                try {
                    return exchange(connection, request);
                } finally {
                    connection.disconnect();
                }
            } catch (IOException | RuntimeException error) {
                return new Answer(0, "", null);
            }
        }

        private static Answer exchange(HttpURLConnection connection, Delivery.Request request) throws IOException {
            boolean isQuestion = request.method.equals("GET");
            int patience = isQuestion ? SHORT_PATIENCE : PATIENCE;
            connection.setRequestMethod(request.method);
            connection.setConnectTimeout(patience);
            connection.setReadTimeout(patience);
            connection.setInstanceFollowRedirects(false);
            for (Map.Entry<String, String> header : request.headers.entrySet()) {
                connection.setRequestProperty(header.getKey(), header.getValue());
            }
            if (!isQuestion) {
                write(connection, zipped(request.body));
            }
            int status = connection.getResponseCode();
            InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            return new Answer(status, in == null ? "" : text(in, System.nanoTime(), patience), connection.getHeaderField("Retry-After"));
        }

        private static void write(HttpURLConnection connection, byte[] body) throws IOException {
            connection.setDoOutput(true);
            connection.setFixedLengthStreamingMode(body.length);
            connection.setRequestProperty("content-encoding", "gzip");
            connection.getOutputStream().write(body);
        }

        private static byte[] zipped(String body) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
                zip.write(body.getBytes(Events.UTF_8));
            }
            return out.toByteArray();
        }

        /** An answer that drips or never ends is nobody's. */
        private static String text(InputStream in, long began, int patience) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] part = new byte[8_192];
            for (int count = in.read(part); count >= 0; count = in.read(part)) {
                out.write(part, 0, count);
                if (out.size() > MOST_BYTES || System.nanoTime() - began > patience * 1_000_000L) {
                    throw new IOException("The answer has no end");
                }
            }
            return new String(out.toByteArray(), Events.UTF_8);
        }
    }
}
