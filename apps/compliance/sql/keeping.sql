-- These look as the system, whoever causes them, and give back what the connection said before.

-- A seal says nothing of itself: what is old enough by the retention in force is found here, whoever adds it.
CREATE FUNCTION audit_bound() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    said text := coalesce(current_setting('tributary.system', true), '');
    kept_from timestamptz;
    kept bigint;
    last_pruned compliance_auditentry;
BEGIN
    PERFORM set_config('tributary.system', 'on', true);
    SELECT years INTO NEW.years FROM compliance_auditretention WHERE organization_id = NEW.organization_id FOR SHARE;
    IF NEW.years IS NULL THEN
        RAISE EXCEPTION 'This record is kept for ever.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM compliance_auditchain WHERE chain = NEW.organization_id FOR UPDATE;
    kept_from := clock_timestamp() - make_interval(years => NEW.years);
    SELECT min(number) INTO NEW.first FROM compliance_auditentry WHERE chain = NEW.organization_id;
    SELECT min(number) INTO kept FROM compliance_auditentry WHERE chain = NEW.organization_id AND at >= kept_from;
    -- In parts, so that no transaction grows without end.
    SELECT * INTO last_pruned FROM compliance_auditentry
        WHERE chain = NEW.organization_id AND number < coalesce(kept, NEW.first + 100000) AND number < NEW.first + 100000
        ORDER BY number DESC LIMIT 1;
    PERFORM set_config('tributary.system', said, true);
    IF last_pruned.id IS NULL THEN
        RETURN NULL;
    END IF;
    NEW.last := last_pruned.number;
    NEW.hash := last_pruned.hash;
    NEW.until := last_pruned.at;
    NEW.made_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER bound BEFORE INSERT ON compliance_auditseal FOR EACH ROW EXECUTE FUNCTION audit_bound();
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON compliance_auditseal FOR EACH ROW EXECUTE FUNCTION audit_refuse();

-- Entries before a seal may go, and no others.
CREATE FUNCTION audit_refuse_unsealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    said text := coalesce(current_setting('tributary.system', true), '');
    is_sealed boolean;
BEGIN
    PERFORM set_config('tributary.system', 'on', true);
    is_sealed := EXISTS (SELECT FROM compliance_auditseal WHERE organization_id = OLD.chain AND last >= OLD.number);
    PERFORM set_config('tributary.system', said, true);
    IF is_sealed THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The record is not changed.' USING ERRCODE = 'insufficient_privilege';
END
$$;
DROP TRIGGER refuse ON compliance_auditentry;
CREATE TRIGGER refuse BEFORE UPDATE ON compliance_auditentry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER refuse_unsealed BEFORE DELETE ON compliance_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_unsealed();

-- The outbox: what is recorded is to be delivered, from the same transaction on, whoever wrote it by whatever SQL.
CREATE FUNCTION audit_post() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    said text := coalesce(current_setting('tributary.system', true), '');
BEGIN
    PERFORM set_config('tributary.system', 'on', true);
    INSERT INTO compliance_auditdelivery (endpoint_id, entry_id, state, attempts, next_at, made_at)
        SELECT id, NEW.id, 'waiting', 0, NEW.at, NEW.at FROM compliance_auditendpoint
        WHERE organization_id = NEW.organization_id;
    PERFORM set_config('tributary.system', said, true);
    RETURN NULL;
END
$$;
CREATE TRIGGER post AFTER INSERT ON compliance_auditentry FOR EACH ROW EXECUTE FUNCTION audit_post();
