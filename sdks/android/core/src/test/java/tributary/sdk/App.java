package tributary.sdk;

import java.io.File;
import java.util.Collections;

/** An app for tests: what to do, host, write key, folder, and a number or a text. */
public final class App {
    public static void main(String[] given) throws Exception {
        Options options = new Options(given[2], given[1], new File(given[3])).setPackageName("com.shop.app");
        options.setBatch(20, 200).setOnError((reason, event) -> System.out.println("told " + reason));
        options.setConsentRequired(given[0].equals("consent"));
        Client client = new Client(options);
        switch (given[0]) {
            case "track":
                for (int n = 0; n < Integer.parseInt(given[4]); n++) {
                    client.track("Played", Collections.singletonMap("n", n));
                }
                System.out.println("flushed " + client.flush(1_500));
                Thread.sleep(60_000); // until the test kills it
                break;
            case "install":
                InstallReferrer referrer = new InstallReferrer(given[4]);
                referrer.clickedAt = 1_767_225_600L;
                client.installed(referrer);
                client.installed(referrer);
                client.identify("ann", null);
                client.openedBy("shop://product/7?utm_source=push&utm_medium=push");
                client.track("", null);
                client.track("Bad", Collections.singletonMap("what", new Object()));
                break;
            case "consent":
                client.track("Before", null);
                client.flush(500);
                System.out.println("stored " + new File(given[3], "queue").list().length + " " + client.anonymousId());
                client.consent(Collections.singletonMap("analytics", true));
                client.flush(5_000);
                client.optOut();
                client.track("After", null);
                break;
            default:
                break;
        }
        System.out.println("flushed " + client.flush(10_000));
    }
}
