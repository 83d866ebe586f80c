package tributary.sdk;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Events in files of a folder, a line each, in order; used by one thread of one process.
 *
 * A file goes when all its events have their answer, so a killed app may send up to 200 again: the door counts them once.
 */
public final class FileQueue implements Closeable {
    private static final int IN_A_FILE = 200;
    private static final String END = ".events";
    private static final String NAME = "queue";

    private final File folder;
    private final int most;
    private final Deque<File> files = new ArrayDeque<>();
    private final Deque<String> head = new ArrayDeque<>();
    private File loaded;
    private FileOutputStream tail;
    private int inTail;
    private int size;
    private long number;

    /** The queue of this process in the folder of the app: `queue`, or `queue-2` where another process has that. */
    public static FileQueue open(File root, int most) throws IOException {
        for (int process = 1; ; process++) {
            File folder = new File(root, process == 1 ? NAME : NAME + "-" + process);
            if (Locks.take(lockOf(folder))) {
                try {
                    return new FileQueue(folder, most);
                } catch (IOException | RuntimeException error) {
                    Locks.release(lockOf(folder)); // for who tries again
                    throw error;
                }
            }
        }
    }

    private FileQueue(File folder, int most) throws IOException {
        if (!folder.isDirectory() && !folder.mkdirs()) {
            throw new IOException("There is no folder " + folder);
        }
        this.folder = folder;
        this.most = most;
        for (File file : eventsIn(folder)) {
            number = Long.parseLong(file.getName().substring(0, 10));
            adopt(file);
        }
        adoptOthers();
    }

    public int size() {
        return size;
    }

    /** Write an event, or say that there is no room. */
    public boolean add(String event) throws IOException {
        if (size >= most) {
            return false;
        }
        if (tail == null || inTail >= IN_A_FILE) {
            begin();
        }
        try {
            tail.write((event + "\n").getBytes(Events.UTF_8));
        } catch (IOException error) {
            close(); // half a line may stand there now: the next event begins a file of its own
            throw error;
        }
        inTail++;
        size++;
        if (files.peekLast().equals(loaded)) {
            head.add(event);
        }
        return true;
    }

    /** Up to count events that wait longest. */
    public List<String> first(int count) throws IOException {
        while (head.isEmpty() && !files.isEmpty() && size > 0) {
            loaded = files.peekFirst();
            head.addAll(lines(loaded));
            if (head.isEmpty()) {
                drop();
            }
        }
        List<String> found = new ArrayList<>();
        for (String event : head) {
            if (found.size() == count) {
                break;
            }
            found.add(event);
        }
        if (found.isEmpty()) {
            size = 0; // somebody has emptied a file
        }
        return found;
    }

    /** Forget as many events as have their answer, from the front. */
    public void remove(int count) throws IOException {
        for (int i = 0; i < count && !head.isEmpty(); i++) {
            head.poll();
            size--;
        }
        if (head.isEmpty() && loaded != null) {
            drop();
        }
    }

    public void clear() throws IOException {
        close();
        while (!files.isEmpty()) {
            files.poll().delete();
        }
        head.clear();
        loaded = null;
        size = 0;
    }

    @Override
    public void close() throws IOException {
        if (tail != null) {
            tail.close();
            tail = null;
        }
    }

    private void begin() throws IOException {
        close();
        File file = next();
        tail = new FileOutputStream(file, true);
        inTail = 0;
        files.add(file);
    }

    private File next() {
        return new File(folder, String.format(Locale.ROOT, "%010d%s", ++number, END));
    }

    private void drop() throws IOException {
        File first = files.poll();
        if (files.isEmpty()) {
            close();
        }
        first.delete();
        loaded = null;
    }

    /** What cannot be read is left where it is: it must not keep the others from being delivered. */
    private void adopt(File file) {
        try {
            size += lines(file).size();
            files.add(file);
        } catch (IOException error) {
            // another one's, or the disk's
        }
    }

    /** Take over what processes that ended have left in queues of their own. */
    private void adoptOthers() throws IOException {
        File[] folders = folder.getParentFile().listFiles();
        Arrays.sort(folders);
        for (File other : folders) {
            if (!other.getName().matches(NAME + "(-\\d+)?") || other.equals(folder) || !Locks.take(lockOf(other))) {
                continue;
            }
            for (File file : eventsIn(other)) {
                File moved = next();
                if (file.renameTo(moved)) {
                    adopt(moved);
                }
            }
            Locks.release(lockOf(other));
        }
    }

    private static File lockOf(File folder) {
        return new File(folder.getPath() + ".lock");
    }

    private static List<File> eventsIn(File folder) {
        List<File> found = new ArrayList<>();
        File[] files = folder.listFiles();
        for (File file : files == null ? new File[0] : files) {
            if (file.getName().matches("\\d{10}\\" + END)) {
                found.add(file);
            }
        }
        Collections.sort(found);
        return found;
    }

    /** Whole events only: a line that a loss of power has cut off or a disk has spoilt would hold up all behind it. */
    private static List<String> lines(File file) throws IOException {
        List<String> found = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(new FileInputStream(file), Events.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (isEvent(line)) {
                    found.add(line);
                }
            }
        }
        return found;
    }

    private static boolean isEvent(String line) {
        try {
            return line.startsWith("{") && Json.read(line) instanceof Map;
        } catch (Json.Malformed error) {
            return false;
        }
    }
}
