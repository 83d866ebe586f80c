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
import java.util.Deque;
import java.util.List;

/**
 * Events in files of a folder, a line each, in order; used by one thread of one process.
 *
 * A file goes when all its events have their answer, so a killed app may send up to 200 again: the door counts them once.
 */
public final class FileQueue implements Closeable {
    private static final int IN_A_FILE = 200;
    private static final String END = ".events";

    private final File folder;
    private final int most;
    private final Deque<File> files = new ArrayDeque<>();
    private final Deque<String> head = new ArrayDeque<>();
    private File loaded;
    private FileOutputStream tail;
    private int inTail;
    private int size;
    private long number;

    public FileQueue(File folder, int most) throws IOException {
        if (!folder.isDirectory() && !folder.mkdirs()) {
            throw new IOException("There is no folder " + folder);
        }
        this.folder = folder;
        this.most = most;
        File[] found = folder.listFiles();
        Arrays.sort(found);
        for (File file : found) {
            if (file.getName().matches("\\d{10}\\" + END)) {
                files.add(file);
                size += lines(file).size();
                number = Long.parseLong(file.getName().substring(0, 10));
            }
        }
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
        File file = new File(folder, String.format(java.util.Locale.ROOT, "%010d%s", ++number, END));
        tail = new FileOutputStream(file, true);
        inTail = 0;
        files.add(file);
    }

    private void drop() throws IOException {
        File first = files.poll();
        if (files.isEmpty()) {
            close();
        }
        first.delete();
        loaded = null;
    }

    /** Whole lines only: one that was cut off by a loss of power is no event. */
    private static List<String> lines(File file) throws IOException {
        List<String> found = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(new FileInputStream(file), Events.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("{") && line.endsWith("}")) {
                    found.add(line);
                }
            }
        }
        return found;
    }
}
