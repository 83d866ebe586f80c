package tributary.sdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Delivers the queue on the client's thread: in batches, again and again with growing pauses. */
final class Sender {
    private final FileQueue queue;
    private final Options options;
    private final ScheduledThreadPoolExecutor thread;
    private final Random random = new Random();
    private final List<CountDownLatch> flushing = new ArrayList<>();
    private ScheduledFuture<?> next;
    private int failures;
    private int largest = Delivery.MAX_EVENTS;

    Sender(FileQueue queue, Options options, ScheduledThreadPoolExecutor thread) {
        this.queue = queue;
        this.options = options;
        this.thread = thread;
    }

    /** An event was added, or was there when the app began. */
    void notice() {
        if (queue.size() > 0 && failures == 0) {
            after(queue.size() >= options.batchSize ? 0 : options.delay);
        }
    }

    void flush(CountDownLatch empty) {
        flushing.add(empty);
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
        try {
            while (queue.size() > 0) {
                if (!deliver(queue.first(largest))) {
                    return;
                }
            }
            for (CountDownLatch empty : flushing) {
                empty.countDown();
            }
            flushing.clear();
        } catch (IOException | RuntimeException error) {
            options.onError.notTaken("storage_failed", null);
        }
    }

    /** Whether to go on with the next batch. */
    private boolean deliver(List<String> waiting) throws IOException {
        List<Integer> sizes = new ArrayList<>();
        for (String event : waiting) {
            sizes.add(event.getBytes(Events.UTF_8).length);
        }
        List<List<Integer>> batches = Delivery.batches(sizes, largest, Delivery.MAX_BYTES).batches;
        List<String> chosen = batches.isEmpty() ? waiting : waiting.subList(0, batches.get(0).size());
        long now = System.currentTimeMillis();
        Transport.Answer answer = options.transport.send(Delivery.request(options.host, options.writeKey, chosen, now));
        Delivery.Verdict verdict = Delivery.judge(answer.status, answer.body, chosen.size());
        if (verdict.action == Delivery.Action.RETRY) {
            after(Delivery.pause(++failures, random.nextDouble(), answer.retryAfter));
            return false;
        }
        failures = 0;
        largest = verdict.action == Delivery.Action.SPLIT ? Math.max(chosen.size() / 2, 1) : Delivery.MAX_EVENTS;
        if (verdict.action == Delivery.Action.DONE) {
            for (Delivery.Problem problem : verdict.problems) {
                String event = problem.index < chosen.size() ? chosen.get(problem.index) : null;
                options.onError.notTaken(problem.reason, event);
            }
            queue.remove(chosen.size());
        }
        return true;
    }
}
