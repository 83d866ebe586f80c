package tributary.sdk;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Properties;

/** A few words that outlive the app: ids, session, consent. One file, replaced as a whole. */
public final class Store {
    private final File file;
    private final boolean isDurable;
    private final Properties words = new Properties();

    /** A durable one waits for the disk with every word, so that a loss of power forgets no opt-out. */
    public Store(File file, boolean isDurable) {
        this.file = file;
        this.isDurable = isDurable;
        try (FileInputStream in = new FileInputStream(file)) {
            words.load(in);
        } catch (IOException | IllegalArgumentException error) {
            words.clear(); // there is none yet, or it is broken: begin anew
        }
    }

    public String get(String key) {
        return words.getProperty(key);
    }

    /** Null removes the word. */
    public void put(String key, String value) throws IOException {
        String before = words.getProperty(key);
        if (value == null ? before == null : value.equals(before)) {
            return;
        }
        set(key, value);
        try {
            write();
        } catch (IOException error) {
            set(key, before); // tried again by the next call
            throw error;
        }
    }

    private void set(String key, String value) {
        if (value == null) {
            words.remove(key);
        } else {
            words.setProperty(key, value);
        }
    }

    private void write() throws IOException {
        File fresh = new File(file.getPath() + ".new");
        try (FileOutputStream out = new FileOutputStream(fresh)) {
            words.store(out, null);
            if (isDurable) {
                out.getFD().sync();
            }
        }
        if (!fresh.renameTo(file)) {
            throw new IOException("The file " + file + " cannot be replaced");
        }
    }
}
