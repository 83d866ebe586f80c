-- What an entry's hash is of: every field with its length in front, so that no two entries have the same text.
CREATE FUNCTION audit_hash(entry compliance_auditentry) RETURNS text LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT encode(sha256(convert_to(string_agg(octet_length(part) || ':' || part, '' ORDER BY place), 'UTF8')), 'hex')
    FROM unnest(ARRAY[
        entry.previous, entry.chain::text, entry.number::text, coalesce(entry.organization_id::text, ''),
        to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), entry.actor_kind,
        coalesce(entry.actor_id::text, ''), entry.actor_name, entry.address, entry.request_id, entry.action,
        entry.subject, entry.subject_id, coalesce(entry.before::text, ''), coalesce(entry.after::text, '')
    ]) WITH ORDINALITY AS parts (part, place)
$$;

-- Numbers, times and chains an entry, and writes down who did it as the connection says it: no caller can choose.
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    said jsonb := nullif(current_setting('tributary.actor', true), '')::jsonb;
    head compliance_auditchain;
BEGIN
    NEW.chain := coalesce(NEW.organization_id, 0);
    INSERT INTO compliance_auditchain (chain, length, hash) VALUES (NEW.chain, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM compliance_auditchain WHERE chain = NEW.chain FOR UPDATE;
    NEW.at := clock_timestamp();
    NEW.actor_kind := coalesce(said ->> 'kind', 'sql');
    NEW.actor_id := (said ->> 'id')::bigint;
    NEW.actor_name := coalesce(said ->> 'name', CASE WHEN said IS NULL THEN session_user::text ELSE '' END);
    NEW.address := coalesce(said ->> 'address', CASE WHEN said IS NULL THEN host(inet_client_addr()) END, '');
    NEW.request_id := coalesce(said ->> 'request_id', '');
    NEW.number := head.length + 1;
    NEW.previous := head.hash;
    NEW.hash := audit_hash(NEW);
    UPDATE compliance_auditchain SET length = NEW.number, hash = NEW.hash WHERE chain = NEW.chain;
    RETURN NEW;
END
$$;

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'compliance_auditchain' AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The record is not changed.' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER seal BEFORE INSERT ON compliance_auditentry FOR EACH ROW EXECUTE FUNCTION audit_seal();
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON compliance_auditentry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON compliance_auditchain
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();

-- Writes down what happened to a row of any table, whoever changed it by whatever SQL. Arguments: where the
-- organization is found; columns that are secrets; columns whose changes are no news.
CREATE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) - TG_ARGV[2]::text[] END;
    is_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) - TG_ARGV[2]::text[] END;
    whole jsonb := coalesce(is_now, was);
    subject_id text := whole ->> 'id';
    organization bigint;
    name text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF was = is_now THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(key, value) INTO was FROM jsonb_each(was) WHERE value IS DISTINCT FROM is_now -> key;
        SELECT jsonb_object_agg(key, value) INTO is_now
            FROM jsonb_each(is_now) WHERE value IS DISTINCT FROM (to_jsonb(OLD) -> key);
    END IF;
    FOREACH name IN ARRAY TG_ARGV[1]::text[] LOOP
        was := CASE WHEN was ? name THEN was || jsonb_build_object(name, '(secret)') ELSE was END;
        is_now := CASE WHEN is_now ? name THEN is_now || jsonb_build_object(name, '(secret)') ELSE is_now END;
    END LOOP;
    organization := CASE TG_ARGV[0]
        WHEN 'self' THEN (whole ->> 'id')::bigint
        WHEN 'organization' THEN (whole ->> 'organization_id')::bigint
        WHEN 'property' THEN (SELECT organization_id FROM orgs_property WHERE id = (whole ->> 'property_id')::bigint)
        WHEN 'stream' THEN (
            SELECT organization_id FROM orgs_property JOIN orgs_stream ON property_id = orgs_property.id
            WHERE orgs_stream.id = (whole ->> 'stream_id')::bigint
        )
        WHEN 'account' THEN (
            SELECT organization_id FROM orgs_serviceaccount WHERE id = (whole ->> 'account_id')::bigint
        )
    END;
    INSERT INTO compliance_auditentry
        (organization_id, chain, number, at, actor_kind, actor_name, address, request_id, action, subject, subject_id,
         before, after, previous, hash)
    VALUES (organization, 0, 0, now(), '', '', '', '', lower(TG_OP), TG_TABLE_NAME, coalesce(subject_id, ''),
        was, is_now, '', '');
    RETURN NULL;
END
$$;
