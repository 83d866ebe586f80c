package tributary.sdk.android;

import android.content.Context;
import android.os.RemoteException;
import com.android.installreferrer.api.InstallReferrerClient;
import com.android.installreferrer.api.InstallReferrerStateListener;
import com.android.installreferrer.api.ReferrerDetails;
import tributary.sdk.InstallReferrer;

/** The install referrer of Google Play, through its own library (com.android.installreferrer:installreferrer:2.2). */
public final class PlayInstallReferrer implements InstallReferrer.Reader {
    private final InstallReferrerClient client;

    public PlayInstallReferrer(Context context) {
        client = InstallReferrerClient.newBuilder(context).build();
    }

    @Override
    public void read(final InstallReferrer.Listener listener) {
        try {
            client.startConnection(new InstallReferrerStateListener() {
                @Override
                public void onInstallReferrerSetupFinished(int code) {
                    answered(code, listener);
                }

                @Override
                public void onInstallReferrerServiceDisconnected() {}
            });
        } catch (SecurityException error) {
            listener.found(null); // some devices forbid it: the install is counted all the same
        }
    }

    private void answered(int code, InstallReferrer.Listener listener) {
        try {
            if (code == InstallReferrerClient.InstallReferrerResponse.OK) {
                listener.found(details());
            } else if (code == InstallReferrerClient.InstallReferrerResponse.FEATURE_NOT_SUPPORTED) {
                listener.found(null); // a device without Play
            } // else Play is busy: the next start of the app asks again
            client.endConnection();
        } catch (RemoteException | RuntimeException error) {
            // Play went away in between: the next start of the app asks again, for a referrer is asked for once
        }
    }

    private InstallReferrer details() throws RemoteException {
        ReferrerDetails found = client.getInstallReferrer();
        InstallReferrer referrer = new InstallReferrer(found.getInstallReferrer());
        referrer.clickedAt = found.getReferrerClickTimestampSeconds();
        referrer.installBeganAt = found.getInstallBeginTimestampSeconds();
        referrer.clickedAtServer = found.getReferrerClickTimestampServerSeconds();
        referrer.installBeganAtServer = found.getInstallBeginTimestampServerSeconds();
        return referrer;
    }
}
