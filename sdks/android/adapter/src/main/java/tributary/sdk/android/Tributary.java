package tributary.sdk.android;

import android.app.Application;
import android.content.ComponentCallbacks2;
import android.content.Context;
import android.content.pm.PackageInfo;
import android.content.pm.PackageManager;
import android.content.res.Configuration;
import android.os.Build;
import java.io.File;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import tributary.sdk.Client;
import tributary.sdk.Options;

/** The client of an Android app: {@code Tributary.start(this, "WRITE_KEY", "https://collect.example.com")} in Application.onCreate. */
public final class Tributary {
    private Tributary() {}

    public static Client start(Application app, String writeKey, String host) {
        return start(app, options(app, writeKey, host));
    }

    /** With options of your own, made by {@link #options}. */
    public static Client start(Application app, Options options) {
        Client client = new Client(options);
        new PlayInstallReferrer(app).read(client::installed);
        app.registerComponentCallbacks(new FlushInBackground(client));
        return client;
    }

    public static Options options(Context context, String writeKey, String host) {
        return new Options(writeKey, host, new File(context.getFilesDir(), "tributary"))
                .setPackageName(context.getPackageName())
                .setContext(surroundings(context));
    }

    private static Map<String, Object> surroundings(Context context) {
        Map<String, Object> os = new HashMap<>();
        os.put("name", "Android");
        os.put("version", Build.VERSION.RELEASE);
        Map<String, Object> device = new HashMap<>();
        boolean isTablet = context.getResources().getConfiguration().smallestScreenWidthDp >= 600;
        device.put("type", isTablet ? "tablet" : "mobile");
        device.put("manufacturer", Build.MANUFACTURER);
        device.put("model", Build.MODEL);
        Map<String, Object> around = new HashMap<>();
        around.put("os", os);
        around.put("device", device);
        around.put("app", app(context));
        around.put("locale", Locale.getDefault().toLanguageTag());
        around.put("timezone", TimeZone.getDefault().getID());
        return around;
    }

    private static Map<String, Object> app(Context context) {
        Map<String, Object> app = new HashMap<>();
        app.put("namespace", context.getPackageName());
        try {
            PackageInfo info = context.getPackageManager().getPackageInfo(context.getPackageName(), 0);
            app.put("version", info.versionName);
        } catch (PackageManager.NameNotFoundException error) {
            // an app without a package of its own has no version
        }
        return app;
    }

    /** The app went to the background: what waits leaves now, while it still may. */
    private static final class FlushInBackground implements ComponentCallbacks2 {
        private final Client client;

        FlushInBackground(Client client) {
            this.client = client;
        }

        @Override
        public void onTrimMemory(int level) {
            if (level == TRIM_MEMORY_UI_HIDDEN) {
                new Thread(() -> {
                    try {
                        client.flush(5_000);
                    } catch (InterruptedException error) {
                        Thread.currentThread().interrupt();
                    }
                }).start();
            }
        }

        @Override
        public void onConfigurationChanged(Configuration configuration) {}

        @Override
        public void onLowMemory() {}
    }
}
