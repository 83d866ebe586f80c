package tributary.sdk;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/** Locks of files, between the processes of an app and between the clients of one. */
final class Locks {
    // The system gives all locks of a file back when any channel to it is closed: a file that is held is not opened again.
    private static final Map<String, FileChannel> HELD = new HashMap<>();

    private Locks() {}

    /** What is done while nobody else does anything under the same lock. */
    interface Work {
        void run() throws IOException;
    }

    /** Whether the file is ours now, until {@link #release} or the end of the process. */
    static synchronized boolean take(File file) throws IOException {
        String name = file.getCanonicalPath();
        if (HELD.containsKey(name)) {
            return false;
        }
        FileChannel channel = new RandomAccessFile(file, "rw").getChannel();
        if (channel.tryLock() == null) {
            channel.close();
            return false;
        }
        HELD.put(name, channel);
        return true;
    }

    static synchronized void release(File file) throws IOException {
        FileChannel channel = HELD.remove(file.getCanonicalPath());
        if (channel != null) {
            channel.close();
        }
    }

    /** Wait for the file, work, and give it back. */
    static synchronized void during(File file, Work work) throws IOException {
        try (FileChannel channel = new RandomAccessFile(file, "rw").getChannel()) {
            channel.lock(); // given back with the channel
            work.run();
        }
    }
}
