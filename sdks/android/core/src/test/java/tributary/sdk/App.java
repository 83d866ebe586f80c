package tributary.sdk;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** An app for tests: host, write key, folder, `required` or `free`, how many events may wait; then a command on each line of its input. */
public final class App {
    public static void main(String[] given) throws Exception {
        Options options = new Options(given[1], given[0], new File(given[2])).setPackageName("com.shop.app");
        options.setBatch(20, 200).setOnError((reason, event) -> {
            System.out.println("told " + reason);
            throw new IllegalStateException("the app's own fault"); // which is none of the SDK's business
        });
        options.setContext(Collections.singletonMap("device", Collections.singletonMap("type", "mobile")));
        options.setConsentRequired(given[3].equals("required"));
        options.mostWaiting = Integer.parseInt(given[4]);
        Client client = new Client(options);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Events.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split(" ", 2);
            run(client, parts[0], parts.length < 2 ? "" : parts[1]);
        }
    }

    private static void run(Client client, String word, String rest) throws Exception {
        switch (word) {
            case "track":
                for (int n = 0; n < Integer.parseInt(rest); n++) {
                    client.track("Played", Collections.singletonMap("n", n));
                }
                break;
            case "named":
                client.track(rest, null);
                break;
            case "reuse":
                Map<String, Object> reused = new HashMap<>();
                for (int n = 0; n < Integer.parseInt(rest); n++) {
                    reused.put("n", n);
                    client.track("Played", reused);
                }
                break;
            case "large":
                char[] text = new char[Integer.parseInt(rest)];
                java.util.Arrays.fill(text, '\u00e9');
                client.track("Large", Collections.singletonMap("text", new String(text)));
                break;
            case "strange":
                client.track("Strange", Collections.singletonMap("what", new Object()));
                break;
            case "half":
                client.track("Half", Collections.singletonMap("text", "a\ud83d"));
                break;
            case "install":
                InstallReferrer referrer = new InstallReferrer(rest);
                referrer.clickedAt = 1_767_225_600L;
                client.installed(referrer);
                break;
            case "click":
                System.out.println("click " + new InstallReferrer(rest).clickId());
                break;
            case "identify":
                client.identify(rest.isEmpty() ? null : rest, Collections.singletonMap("plan", "pro"));
                break;
            case "screen":
                client.screen(rest.isEmpty() ? null : rest, null);
                break;
            case "group":
                client.group(rest, null);
                break;
            case "alias":
                client.alias(rest, null);
                break;
            case "open":
                client.openedBy(rest);
                break;
            default:
                other(client, word, rest);
        }
    }

    private static String or(String word) {
        return word == null || word.isEmpty() ? "-" : word;
    }

    private static void other(Client client, String word, String rest) throws Exception {
        switch (word) {
            case "consent":
                client.consent(rest.startsWith("{") || rest.equals("true") ? Json.read(rest) : rest);
                break;
            case "optout":
                client.optOut();
                break;
            case "optin":
                client.optIn();
                break;
            case "reset":
                client.reset();
                break;
            case "link":
                CountDownLatch opened = new CountDownLatch(1);
                client.openedBy(rest, found -> {
                    String source = found.campaign.get("source");
                    System.out.println("opened " + or(found.clickId) + " " + or(found.deepLink) + " " + or(source));
                    opened.countDown();
                });
                opened.await();
                break;
            case "ask":
                client.openedBy(rest, found -> System.out.println("opened"));
                break;
            case "first":
                CountDownLatch answered = new CountDownLatch(1);
                client.firstOpen(rest, found -> {
                    String source = found == null ? null : found.campaign.get("source");
                    System.out.println("first " + (found == null ? "-" : found.deepLink) + " " + (source == null ? "-" : source));
                    answered.countDown();
                });
                answered.await();
                break;
            case "flush":
                System.out.println("flushed " + client.flush(Integer.parseInt(rest)));
                break;
            default:
                throw new IllegalArgumentException("There is no such command: " + word);
        }
    }
}
