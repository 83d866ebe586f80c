package tributary.sdk;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Properties;

/** A few words that outlive the app: ids, session, consent. One file, replaced as a whole. */
public final class Store {
    private final File file;
    private final Properties words = new Properties();

    public Store(File file) {
        this.file = file;
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
        if (value == null ? words.remove(key) == null : value.equals(words.setProperty(key, value))) {
            return;
        }
        File fresh = new File(file.getPath() + ".new");
        try (FileOutputStream out = new FileOutputStream(fresh)) {
            words.store(out, null);
            out.getFD().sync();
        }
        if (!fresh.renameTo(file)) {
            throw new IOException("The file " + file + " cannot be replaced");
        }
    }
}
