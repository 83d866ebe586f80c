package tributary.sdk;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Properties;

/** A few words that outlive the app: ids, session, consent. One file, replaced as a whole, which the processes of an app share. */
public final class Store {
    private final File file;
    private final boolean isDurable;
    private Properties words = new Properties();

    /** A durable one waits for the disk with every word, so that a loss of power forgets no opt-out. */
    public Store(File file, boolean isDurable) {
        this.file = file;
        this.isDurable = isDurable;
        read();
    }

    /** What another process has said since the last look holds here too. */
    public void read() {
        Properties found = new Properties();
        try (FileInputStream in = new FileInputStream(file)) {
            found.load(in);
        } catch (IOException | IllegalArgumentException error) {
            found.clear(); // there is none yet, or it is broken: begin anew
        }
        words = found;
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
        change(() -> set(key, value));
    }

    /** The word that is there, or fresh, which is there from now on: the same for all processes. */
    public String keep(String key, String fresh) throws IOException {
        if (get(key) == null) {
            change(() -> {
                if (get(key) == null) {
                    set(key, fresh);
                }
            });
        }
        return get(key);
    }

    private void change(Locks.Work work) throws IOException {
        Locks.during(new File(file.getPath() + ".lock"), () -> {
            read();
            Properties before = (Properties) words.clone();
            try {
                work.run();
                write();
            } catch (IOException error) {
                words = before; // tried again by the next call
                throw error;
            }
        });
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
