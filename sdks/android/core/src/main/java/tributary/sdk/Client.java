package tributary.sdk;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The client of an app. Calls return at once and never throw; one thread of its own keeps, stores and delivers.
 */
public final class Client {
    private static final String VERSION = "0.1.0";
    private static final int MOST_HELD = 100;

    private final Options options;
    private final ScheduledThreadPoolExecutor thread = threadOf("tributary-sdk");
    private final ScheduledThreadPoolExecutor network = threadOf("tributary-sdk-network");
    private final ScheduledThreadPoolExecutor questions = threadOf("tributary-sdk-questions"); // a person waits for these
    private final List<Task> held = new ArrayList<>();
    private Store store;
    private Store visit; // written with every event, so the disk is not waited for
    private FileQueue queue;
    private Sender sender;
    private Object said;
    private String heard; // the text that it was read from
    private volatile String anonymousId = "";

    private static ScheduledThreadPoolExecutor threadOf(String name) {
        return new ScheduledThreadPoolExecutor(1, work -> {
            Thread one = new Thread(work, name);
            one.setDaemon(true);
            return one;
        });
    }

    private interface Task {
        void run() throws IOException;
    }

    public Client(Options options) {
        this.options = options;
        soon(() -> {});
    }

    public void track(String event, Map<String, ?> properties) {
        call("track", fields("event", event, "properties", properties));
    }

    public void screen(String name, Map<String, ?> properties) {
        call("screen", fields("name", name, "properties", properties));
    }

    /** Who the person is; goes with every event from then on, until {@link #reset}. */
    public void identify(String userId, Map<String, ?> given) {
        long now = System.currentTimeMillis();
        Object traits = Json.copy(given);
        soon(() -> allowed(() -> {
            if (Events.isTooLong(Events.string(userId))) {
                options.tell("too_long", null); // kept it would spoil every later event
                return;
            }
            if (userId != null) {
                store.put("user", userId);
            }
            keep("identify", fields("traits", traits), now);
        }));
    }

    public void group(String groupId, Map<String, ?> traits) {
        call("group", fields("groupId", groupId, "traits", traits));
    }

    public void alias(String userId, String previousId) {
        call("alias", fields("userId", userId, "previousId", previousId));
    }

    /** The app was opened by a link; its campaign begins a session. A link of the door is asked, so that its click counts. */
    public void openedBy(String url) {
        openedBy(url, opening -> {});
    }

    /** The same, and the listener is told what the link is about: by the link itself, or else what the address says. */
    public void openedBy(String url, Opening.Listener listener) {
        String address = Events.string(url);
        boolean isLink = Links.isOne(address, options.host, options.linkDomains);
        Opening unasked = Opening.unasked(address, isLink);
        Opened opened = new Opened(UUID.randomUUID().toString(), System.currentTimeMillis(), address);
        soon(() -> {
            if (isLink && state() == Consent.GRANTED) {
                ask(opened, listener);
                return;
            }
            allowed(() -> keep(opened, unasked));
            options.hand(() -> listener.opened(unasked));
        }, () -> options.hand(() -> listener.opened(unasked))); // an app that waits for it must go on
    }

    /** The app runs for the first time; further calls do nothing. referrer is Google Play's, or null when there is none. */
    public void installed(InstallReferrer referrer) {
        long now = System.currentTimeMillis();
        soon(() -> allowed(() -> {
            // An app that dies in between sends it again, under the same id, and so do two processes at once.
            String id = store.keep("installed", UUID.randomUUID().toString());
            if (id.equals("1")) {
                return;
            }
            Map<String, Object> fields = fields("event", "Application Installed", "messageId", id);
            if (referrer != null) {
                fields.put("properties", referrer.asProperties());
                String url = Sources.installAddress(options.packageName, referrer.referrer);
                if (!url.isEmpty()) {
                    fields.put("context", Collections.singletonMap("page", Collections.singletonMap("url", url)));
                }
            }
            keep("track", fields, now);
            store.put("installed", "1");
        }));
    }

    /** "granted", "denied", true, false, or a map of categories. */
    public void consent(Object given) {
        Object said = given instanceof Boolean ? (Boolean) given ? "granted" : "denied" : Json.copy(given);
        soon(() -> {
            if (Consent.says(said) == null && Consent.says(this.said) == Consent.DENIED) {
                return; // what says nothing of measurement takes no refusal back
            }
            this.said = said;
            Consent state = state();
            if (state == Consent.DENIED) {
                forget();
            }
            if (state == Consent.PENDING) {
                store.put("consent", null); // an agreement of before must not come back with the next start
            }
            if (state == Consent.GRANTED) {
                store.put("consent", written(said));
                speak();
            }
        });
    }

    /**
     * What the click before the first start was about: the place in the app that its link leads to, and its campaign. The
     * listener gets null where there is nothing, no consent, or no answer; a later call may ask again for a week.
     */
    public void firstOpen(String clickId, FirstOpen.Listener listener) {
        soon(() -> {
            if (state() != Consent.GRANTED) {
                options.hand(() -> listener.found(null));
                return;
            }
            Delivery.Request asked = FirstOpen.request(options.host, options.writeKey, clickId, identity());
            questions.execute(() -> {
                Transport.Answer answer = sender.answerTo(asked);
                thread.execute(() -> options.hand(() -> listener.found(FirstOpen.read(answer.status, answer.body))));
            });
        }, () -> options.hand(() -> listener.found(null))); // an app that waits for it must go on
    }

    /** Delete what is stored and measure nothing until {@link #optIn}. */
    public void optOut() {
        soon(() -> {
            store.put("optout", "1");
            forget();
        });
    }

    public void optIn() {
        soon(() -> store.put("optout", null));
    }

    /** Forget the person, as after a logout; what was called before that and waits for consent is still theirs. */
    public void reset() {
        soon(() -> {
            if (state() == Consent.PENDING) {
                held.add(this::forgetPerson);
            }
            forgetPerson();
        });
    }

    /** The anonymous id; empty until the first event may be kept. */
    public String anonymousId() {
        return anonymousId;
    }

    /** Send what waits; whether all of it had its answer within so many milliseconds. Not for the main thread. */
    public boolean flush(long milliseconds) throws InterruptedException {
        CountDownLatch empty = new CountDownLatch(1);
        soon(() -> {
            if (state() == Consent.GRANTED) {
                sender.flush(empty);
            } else if (queue.size() == 0) {
                empty.countDown();
            }
        });
        return empty.await(milliseconds, TimeUnit.MILLISECONDS);
    }

    private void open() throws IOException {
        store = new Store(openFolder("state"), true);
        visit = new Store(openFolder("session"), false);
        queue = FileQueue.open(options.folder, options.mostWaiting);
        sender = new Sender(queue, options, thread, network, this::mayLeave);
        heard = store.get("consent");
        said = read(heard);
        if (state() == Consent.DENIED) {
            forget();
        }
        anonymousId = Events.string(store.get("id"));
        if (state() == Consent.GRANTED) {
            keepOpening();
            sender.notice();
        }
    }

    /** The event waits for the answer, and is written down meanwhile: an app that dies over it keeps it with its next start. */
    private void ask(Opened opened, Opening.Listener listener) throws IOException {
        speak();
        keepOpening();
        store.put("opening", opened.asText());
        context(opened.url, opened.at); // what comes meanwhile belongs to the session that begins here
        Delivery.Request asked = Links.question(opened.url, identity());
        questions.execute(() -> {
            Transport.Answer answer = sender.answerTo(asked);
            Opening found = Opening.answered(opened.url, answer.status, answer.body);
            soon(() -> {
                if (opened.asText().equals(store.get("opening"))) { // else it was kept, or forgotten, meanwhile
                    allowed(() -> keep(opened, found));
                }
                options.hand(() -> listener.opened(found));
            }, () -> options.hand(() -> listener.opened(found)));
        });
    }

    /** An opening whose link has not answered is kept as its address says. */
    private void keepOpening() throws IOException {
        Opened left = Opened.fromText(store.get("opening"));
        if (left != null) {
            keep(left, Opening.unasked(left.url, true));
        }
    }

    private void keep(Opened opened, Opening found) throws IOException {
        keep("track", opened.asFields(found), opened.at, found.landed);
        if (opened.asText().equals(store.get("opening"))) {
            store.put("opening", null);
        }
    }

    private boolean mayLeave() throws IOException {
        hear();
        return state() == Consent.GRANTED;
    }

    private File openFolder(String name) throws IOException {
        if (!options.folder.isDirectory() && !options.folder.mkdirs()) {
            throw new IOException("There is no folder " + options.folder);
        }
        return new File(options.folder, name);
    }

    private void call(String type, Map<String, Object> fields) {
        long now = System.currentTimeMillis();
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            field.setValue(Json.copy(field.getValue())); // as it is now: the app may use its map again
        }
        soon(() -> allowed(() -> keep(type, fields, now)));
    }

    private void allowed(Task task) throws IOException {
        Consent state = state();
        if (state == Consent.GRANTED) {
            speak();
            task.run();
        } else if (state == Consent.DENIED) {
            options.tell("consent_denied", null);
        } else if (held.size() < MOST_HELD) {
            held.add(task);
        } else {
            options.tell("queue_full", null);
        }
    }

    /** What another process of the app was told since holds here too. */
    private void hear() throws IOException {
        store.read();
        String told = store.get("consent");
        if (!Objects.equals(told, heard)) {
            heard = told;
            said = read(told);
        }
        if (state() == Consent.DENIED && (queue.size() > 0 || !held.isEmpty())) {
            forget();
        }
    }

    /** Make the calls that wait for consent. */
    private void speak() throws IOException {
        List<Task> waiting = new ArrayList<>(held);
        held.clear();
        for (Task task : waiting) {
            task.run();
        }
        sender.notice();
    }

    private Consent state() {
        return Consent.state(said, false, options.isConsentRequired, store.get("optout") != null);
    }

    private void keep(String type, Map<String, Object> fields, long now) throws IOException {
        keep(type, fields, now, addressOf(fields));
    }

    private void keep(String type, Map<String, Object> fields, long now, String address) throws IOException {
        Events.Around around = new Events.Around();
        around.now = now;
        around.messageId = UUID.randomUUID().toString();
        around.anonymousId = identity();
        around.userId = store.get("user");
        around.consent = said;
        around.context = context(address, now);
        if (type.equals("alias") && fields.get("previousId") == null) {
            fields.put("previousId", around.anonymousId);
        }
        try {
            String event = Events.build(type, fields, around);
            if (queue.add(event)) {
                sender.notice();
            } else {
                options.tell("queue_full", event);
            }
        } catch (Events.Refused refused) {
            options.tell(refused.getMessage(), null);
        }
    }

    private Map<String, Object> context(String url, long now) throws IOException {
        Sources found = Sources.of(url);
        Session session = Session.next(Session.fromText(visit.get("session")), now, found.source);
        visit.put("session", session.asText());
        Map<String, Object> context = new LinkedHashMap<>(options.context);
        context.put("library", fields("name", "tributary-android", "version", VERSION));
        context.put("session", session.asContext());
        if (!found.campaign.isEmpty()) {
            context.put("campaign", found.campaign);
        }
        return context;
    }

    private static String addressOf(Map<String, Object> fields) {
        Object context = fields.get("context");
        Object page = context instanceof Map ? ((Map<?, ?>) context).get("page") : null;
        return page instanceof Map ? Events.string(((Map<?, ?>) page).get("url")) : "";
    }

    private String identity() throws IOException {
        anonymousId = store.keep("id", UUID.randomUUID().toString());
        return anonymousId;
    }

    /** Everything but that the person refused. */
    private void forget() throws IOException {
        held.clear();
        queue.clear();
        boolean isRefusal = store.get("optout") == null && Consent.state(said, false, false, false) == Consent.DENIED;
        store.put("consent", isRefusal ? written(said) : null);
        store.put("opening", null);
        forgetPerson();
    }

    private void forgetPerson() throws IOException {
        store.put("id", null);
        store.put("user", null);
        visit.put("session", null);
        anonymousId = "";
    }

    private void soon(Task task) {
        soon(task, () -> {});
    }

    /** Measuring must not break the measured app: what fails on the thread is told, not thrown. */
    private void soon(Task task, Runnable otherwise) {
        thread.execute(() -> {
            try {
                if (sender == null) {
                    open(); // a device that was still locked when the app began is not any more
                }
                hear();
                task.run();
            } catch (IOException | RuntimeException error) {
                options.tell("storage_failed", null);
                otherwise.run();
            }
        });
    }

    private static Map<String, Object> fields(Object... pairs) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            fields.put((String) pairs[i], pairs[i + 1]);
        }
        return fields;
    }

    private static String written(Object said) {
        try {
            return Json.write(said);
        } catch (Json.Malformed error) {
            return null;
        }
    }

    private static Object read(String text) {
        try {
            return text == null ? null : Json.read(text);
        } catch (Json.Malformed error) {
            return null;
        }
    }
}
