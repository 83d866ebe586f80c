package tributary.sdk;

import java.util.LinkedHashMap;
import java.util.Map;

/** What Google Play knows of an install; times in seconds since 1970, 0 when unknown. */
public final class InstallReferrer {
    public final String referrer;
    public long clickedAt;
    public long installBeganAt;
    public long clickedAtServer;
    public long installBeganAtServer;

    /** Reads it once; an adapter of the platform. */
    public interface Reader {
        void read(Listener listener);
    }

    /** Called once, with null when there is none. */
    public interface Listener {
        void found(InstallReferrer referrer);
    }

    public InstallReferrer(String referrer) {
        this.referrer = referrer == null ? "" : referrer;
    }

    /** The id of the click on a link of the door, for {@link Client#firstOpen}; empty for none. */
    public String clickId() {
        return Events.string(Sources.of(Sources.installAddress("", referrer)).captured.get("tbclid"));
    }

    Map<String, Object> asProperties() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("install_referrer", referrer);
        putTime(properties, "referrer_click_at", clickedAt);
        putTime(properties, "install_begin_at", installBeganAt);
        putTime(properties, "referrer_click_at_server", clickedAtServer);
        putTime(properties, "install_begin_at_server", installBeganAtServer);
        return properties;
    }

    private static void putTime(Map<String, Object> properties, String name, long seconds) {
        if (seconds > 0) {
            properties.put(name, Events.instant(seconds * 1_000));
        }
    }
}
