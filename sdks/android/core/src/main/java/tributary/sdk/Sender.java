package tributary.sdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Delivers the queue, which belongs to the client's thread: in batches, again and again with growing pauses. */
final class Sender {
    private final FileQueue queue;
    private final Options options;
    private final ScheduledThreadPoolExecutor thread;
    private final Executor network;
    private final Allowed mayLeave;
    private final Random random = new Random();
    private final List<CountDownLatch> flushing = new ArrayList<>();
    private ScheduledFuture<?> next;
    private boolean isSending;
    private boolean isUrgent; // a flush came meanwhile
    private int failures;
    private int largest = Delivery.MAX_EVENTS;

    /** Whether what waits may be sent now. */
    interface Allowed {
        boolean isTrue() throws IOException;
    }

    Sender(FileQueue queue, Options options, ScheduledThreadPoolExecutor thread, Executor network, Allowed mayLeave) {
        this.queue = queue;
        this.options = options;
        this.thread = thread;
        this.network = network;
        this.mayLeave = mayLeave;
    }

    /** An event was added, or was there when the app began. */
    void notice() {
        if (queue.size() > 0 && failures == 0 && !isSending) { // its answer says when to go on
            after(queue.size() >= options.batchSize ? 0 : options.delay);
        }
    }

    void flush(CountDownLatch empty) {
        flushing.add(empty);
        isUrgent = isSending;
        after(0);
    }

    private void after(long milliseconds) {
        if (next != null && !next.isDone() && next.getDelay(TimeUnit.MILLISECONDS) <= milliseconds) {
            return;
        }
        if (next != null) {
            next.cancel(false);
        }
        next = thread.schedule(this::send, milliseconds, TimeUnit.MILLISECONDS);
    }

    private void send() {
        next = null;
        if (isSending) {
            return; // the answer goes on with what waits
        }
        try {
            if (!mayLeave.isTrue()) {
                return;
            }
            List<String> waiting = queue.first(largest);
            if (waiting.isEmpty()) {
                for (CountDownLatch empty : flushing) {
                    empty.countDown();
                }
                flushing.clear();
                return;
            }
            post(chosen(waiting));
        } catch (IOException | RuntimeException error) {
            options.tell("storage_failed", null);
        }
    }

    private List<String> chosen(List<String> waiting) {
        List<Integer> sizes = new ArrayList<>();
        for (String event : waiting) {
            sizes.add(event.getBytes(Events.UTF_8).length);
        }
        List<List<Integer>> batches = Delivery.batches(sizes, largest, Delivery.MAX_BYTES).batches;
        return new ArrayList<>(batches.isEmpty() ? waiting : waiting.subList(0, batches.get(0).size()));
    }

    /** The network has a thread of its own: calls are stored meanwhile, and an app that is killed over it loses none. */
    private void post(List<String> chosen) {
        Delivery.Request request = Delivery.request(options.host, options.writeKey, chosen, System.currentTimeMillis());
        isSending = true;
        network.execute(() -> {
            Transport.Answer answer = answerTo(request);
            thread.execute(() -> {
                isSending = false;
                try {
                    answered(answer, chosen);
                } catch (IOException | RuntimeException error) {
                    options.tell("storage_failed", null);
                }
            });
        });
    }

    Transport.Answer answerTo(Delivery.Request request) {
        try {
            return options.transport.send(request);
        } catch (RuntimeException error) { // a transport of the app's own
            return new Transport.Answer(0, "", null);
        }
    }

    private void answered(Transport.Answer answer, List<String> chosen) throws IOException {
        Delivery.Verdict verdict = Delivery.judge(answer.status, answer.body, chosen.size());
        if (verdict.action == Delivery.Action.RETRY) {
            long pause = Delivery.pause(++failures, random.nextDouble(), answer.retryAfter);
            after(isUrgent ? 0 : pause);
            isUrgent = false;
            return;
        }
        failures = 0;
        largest = verdict.action == Delivery.Action.SPLIT ? Math.max(chosen.size() / 2, 1) : Delivery.MAX_EVENTS;
        if (verdict.action == Delivery.Action.DONE) {
            for (Delivery.Problem problem : verdict.problems) {
                options.tell(problem.reason, chosen.get(problem.index));
            }
            queue.remove(chosen.size()); // nothing, when all was forgotten meanwhile
        }
        send();
    }
}
