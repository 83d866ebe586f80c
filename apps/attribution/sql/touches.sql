-- The touchpoints of the persons in reach, in touch order: common tables of journeys.sql and histories.sql.
-- Visits: a silence longer than the gap ends one, another campaign starts one (where the property says so), direct
-- never interrupts.
activity AS (
    SELECT
        message_id, person_key, device_key, kind, has_source, occurred_at, received_at,
        channel, source, medium, campaign, term, own_click,
        has_source OR kind IN ('page', 'screen') AS can_open,
        if(has_source, cityHash64(source, medium, campaign), NULL) AS campaign_key,
        toUnixTimestamp64Milli(occurred_at)
            - lagInFrame(toUnixTimestamp64Milli(occurred_at), 1, -9000000000000000) OVER (
                PARTITION BY device_key ORDER BY occurred_at, NOT has_source, received_at, message_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) > {visit_gap_ms:Int64} AS is_after_gap
    FROM <events>
    WHERE property_id = {property_id:UInt64} AND kind IN ('page', 'screen', 'track')
        AND device_key NOT IN (0, <nobody>) AND <time_scope> AND <device_scope>
),
numbered AS (
    SELECT *, sum(is_after_gap) OVER (
        PARTITION BY device_key ORDER BY occurred_at, NOT has_source, received_at, message_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS visit
    FROM activity
),
-- All three windows have one partition and one order, so that the rows are sorted once. What came before counts
-- only if it belongs to the same visit.
judged AS (
    SELECT
        *,
        anyLast(campaign_key) OVER before AS campaign_before,
        anyLast(if(has_source, visit, NULL)) OVER before AS sourced_visit_before,
        anyLast(if(can_open, visit, NULL)) OVER before AS opened_visit_before
    FROM numbered
    WINDOW before AS (
        PARTITION BY device_key ORDER BY occurred_at, NOT has_source, received_at, message_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
candidates AS (
    SELECT 'visit' AS touch_kind, 2 AS rank, person_key, message_id, occurred_at, received_at,
        channel, source, medium, campaign, term, own_click
    FROM judged
    WHERE if(
        has_source,
        NOT ifNull(
            sourced_visit_before = visit AND (campaign_before = campaign_key OR {campaign_opens:UInt8} = 0), false
        ),
        can_open AND NOT ifNull(opened_visit_before = visit, false)
    )
    UNION ALL
    SELECT if(kind = 'click', 'click', 'view'), if(kind = 'click', 3, 1), person_key, message_id, occurred_at,
        received_at, channel, source, medium, campaign, term, ''
    FROM <events>
    WHERE property_id = {property_id:UInt64} AND kind IN ('click', 'impression')
        AND person_key NOT IN (0, <nobody>) AND <time_scope> AND <key_scope>
),
-- The total order of touchpoints: time, view < visit < click, received, id downwards. The last one wins a tie.
placed AS (
    SELECT
        if(known.person_id != 0, known.person_id, candidates.person_key) AS person,
        row_number() OVER (
            PARTITION BY person ORDER BY occurred_at, rank, received_at, message_id DESC
        ) AS place,
        toUnixTimestamp64Milli(occurred_at) AS touched_ms,
        touch_kind, message_id, channel, source, medium, campaign, term, own_click,
        -- The property's own rules are read before the default group, each version from its instant on.
        <ruled_channel> AS ruled_channel
    FROM candidates LEFT JOIN known ON candidates.person_key = known.key
    WHERE <person_scope>
),
paths AS (
    SELECT person, arraySort(touch -> touch.1, groupArray(
        (place, touched_ms, message_id, touch_kind, ruled_channel, source, medium, campaign, own_click, channel, term)
    )) AS path
    FROM placed
    GROUP BY person
)
