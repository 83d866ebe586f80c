package tributary.sdk;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, texts, numbers, booleans and null: small, because an SDK must not bring a library along. */
public final class Json {
    private static final int DEEPEST = 64;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value cannot be written, or the text cannot be read. */
    public static final class Malformed extends Exception {
        Malformed(String message) {
            super(message);
        }
    }

    public static Object read(String text) throws Malformed {
        Json reader = new Json(text);
        Object value = reader.value(0);
        reader.blanks();
        if (reader.at < text.length()) {
            throw reader.wrong();
        }
        return value;
    }

    public static String write(Object value) throws Malformed {
        StringBuilder out = new StringBuilder(256);
        write(value, out, 0);
        return out.toString();
    }

    /** Maps and lists of its own; what another thread changes meanwhile becomes something that JSON cannot hold. */
    static Object copy(Object value) {
        try {
            return copy(value, 0);
        } catch (RuntimeException error) {
            return Json.class;
        }
    }

    private static Object copy(Object value, int depth) {
        if (depth > DEEPEST) {
            return Json.class;
        }
        if (value instanceof Map) {
            Map<Object, Object> copied = new LinkedHashMap<>();
            for (Map.Entry<?, ?> one : ((Map<?, ?>) value).entrySet()) {
                copied.put(one.getKey(), copy(one.getValue(), depth + 1));
            }
            return copied;
        }
        if (value instanceof Iterable) {
            List<Object> copied = new ArrayList<>();
            for (Object one : (Iterable<?>) value) {
                copied.add(copy(one, depth + 1));
            }
            return copied;
        }
        return value instanceof CharSequence ? value.toString() : value;
    }

    private static void write(Object value, StringBuilder out, int depth) throws Malformed {
        if (depth > DEEPEST) {
            throw new Malformed("too deep");
        }
        if (value instanceof Map) {
            writeMap((Map<?, ?>) value, out, depth);
        } else if (value instanceof Iterable) {
            char before = '[';
            for (Object item : (Iterable<?>) value) {
                out.append(before);
                write(item, out, depth + 1);
                before = ',';
            }
            out.append(before == '[' ? "[]" : "]");
        } else if (value == null || value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Number) {
            writeNumber((Number) value, out);
        } else if (value instanceof CharSequence || value instanceof Character) {
            writeText(value.toString(), out);
        } else {
            throw new Malformed("JSON holds no " + value.getClass().getName());
        }
    }

    private static void writeMap(Map<?, ?> map, StringBuilder out, int depth) throws Malformed {
        char before = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(before);
            writeText(String.valueOf(entry.getKey()), out);
            out.append(':');
            write(entry.getValue(), out, depth + 1);
            before = ',';
        }
        out.append(before == '{' ? "{}" : "}");
    }

    private static void writeNumber(Number number, StringBuilder out) throws Malformed {
        double size = number.doubleValue();
        if (Double.isNaN(size) || Double.isInfinite(size)) {
            throw new Malformed("JSON holds no " + number);
        }
        out.append(number);
    }

    private static void writeText(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (isLonely(text, i)) {
                out.append('\ufffd');
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** Half of a pair of UTF-16, as a text that was cut has it: no UTF-8 holds it, and the door would refuse the request. */
    private static boolean isLonely(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private Object value(int depth) throws Malformed {
        blanks();
        if (at >= text.length() || depth > DEEPEST) {
            throw wrong();
        }
        char c = text.charAt(at);
        if (c == '{') {
            return map(depth);
        }
        if (c == '[') {
            return list(depth);
        }
        if (c == '"') {
            return string();
        }
        return word();
    }

    private Map<String, Object> map(int depth) throws Malformed {
        Map<String, Object> found = new LinkedHashMap<>();
        at++;
        if (next('}')) {
            return found;
        }
        do {
            blanks();
            String key = string();
            if (!next(':')) {
                throw wrong();
            }
            found.put(key, value(depth + 1));
        } while (next(','));
        if (!next('}')) {
            throw wrong();
        }
        return found;
    }

    private List<Object> list(int depth) throws Malformed {
        List<Object> found = new ArrayList<>();
        at++;
        if (next(']')) {
            return found;
        }
        do {
            found.add(value(depth + 1));
        } while (next(','));
        if (!next(']')) {
            throw wrong();
        }
        return found;
    }

    private String string() throws Malformed {
        if (at >= text.length() || text.charAt(at) != '"') {
            throw wrong();
        }
        StringBuilder found = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return found.toString();
            }
            if (c < ' ') {
                throw wrong();
            }
            found.append(c == '\\' ? escaped() : c);
        }
        throw wrong();
    }

    private char escaped() throws Malformed {
        at++;
        int known = at < text.length() ? "\"\\/bfnrtu".indexOf(text.charAt(at)) : -1;
        if (known < 0) {
            throw wrong();
        }
        if (known < 8) {
            return "\"\\/\b\f\n\r\t".charAt(known);
        }
        try {
            char c = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
            at += 4;
            return c;
        } catch (RuntimeException error) {
            throw wrong();
        }
    }

    private Object word() throws Malformed {
        int from = at;
        while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String word = text.substring(from, at);
        switch (word) {
            case "true":
                return true;
            case "false":
                return false;
            case "null":
                return null;
            default:
                return number(word);
        }
    }

    private Number number(String word) throws Malformed {
        try {
            if (word.matches("-?(0|[1-9]\\d{0,17})")) {
                return Long.parseLong(word);
            }
            if (word.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
                return Double.parseDouble(word);
            }
        } catch (NumberFormatException error) {
            throw wrong();
        }
        throw wrong();
    }

    private boolean next(char wanted) {
        blanks();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private Malformed wrong() {
        return new Malformed("This is not JSON at character " + at);
    }
}
