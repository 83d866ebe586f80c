package tributary.sdk;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a client is set up; {@code new Options("key", "https://...", folder).setConsentRequired(true)}. */
public final class Options {
    final String writeKey;
    final String host;
    final File folder;
    Transport transport = new Transport.Http();
    Map<String, Object> context = Collections.emptyMap();
    OnError onError = (reason, event) -> {};
    String packageName = "";
    List<String> linkDomains = Collections.emptyList();
    boolean isConsentRequired;
    int batchSize = 20;
    long delay = 10_000;
    int mostWaiting = 10_000;

    /** Told of every event that was not taken, and why; event is JSON or null. */
    public interface OnError {
        void notTaken(String reason, String event);
    }

    /** A listener that throws must not stop the delivery, and no app. */
    void tell(String reason, String event) {
        try {
            onError.notTaken(reason, event);
        } catch (RuntimeException error) {
            System.err.println("tributary: the listener for errors failed: " + error);
        }
    }

    /** Hand over what was asked for; what the listener throws is the app's own affair. */
    void hand(Runnable handing) {
        try {
            handing.run();
        } catch (RuntimeException error) {
            System.err.println("tributary: the listener of an answer failed: " + error);
        }
    }

    /** folder: a folder of the app's own, for events and ids; the processes of an app may share it. */
    public Options(String writeKey, String host, File folder) {
        this.writeKey = writeKey;
        this.host = host;
        this.folder = folder;
    }

    public Options setTransport(Transport transport) {
        this.transport = transport;
        return this;
    }

    /** What goes with every event: os, device, app. */
    public Options setContext(Map<String, Object> context) {
        this.context = new LinkedHashMap<>(context);
        return this;
    }

    public Options setOnError(OnError onError) {
        this.onError = onError;
        return this;
    }

    public Options setPackageName(String packageName) {
        this.packageName = packageName;
        return this;
    }

    /** Domains of links beside the door's host, such as go.shop.example; {@link Client#openedBy} asks no other. */
    public Options setLinkDomains(String... domains) {
        this.linkDomains = new ArrayList<>(Arrays.asList(domains));
        return this;
    }

    /** Store and send nothing before {@link Client#consent}. */
    public Options setConsentRequired(boolean isRequired) {
        this.isConsentRequired = isRequired;
        return this;
    }

    /** A batch leaves when so many events wait, or so many milliseconds after the first. */
    public Options setBatch(int size, long delayMilliseconds) {
        this.batchSize = size;
        this.delay = delayMilliseconds;
        return this;
    }
}
