"""A text is searched by the rarest of its parts: its other trigrams' lists would be read for nothing.

`lighthouse` has eight trigrams. Where "igh" is in every fourth text and "hth" in every fiftieth, nearly all that
have "hth" have the whole word: the index need not be asked for the other seven.
"""

from importlib import import_module

from django.db import migrations

from auditing.migrations._walls import WEB, WORKER, as_filter

BEFORE = import_module("auditing.migrations.0049_searched_ids")

TABLES = ("searchtext", "searchedid")

PATTERN = r"""
CREATE FUNCTION auditing_pattern(part text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '%' || regexp_replace(part, '[\\%_]', '\\\&', 'g') || '%';
REVOKE ALL ON FUNCTION auditing_pattern(text) FROM PUBLIC;
"""
GONE = """
DROP FUNCTION auditing_sampled_searchedid(), auditing_sampled_searchtext(), auditing_rare_parts(text, text[]),
    auditing_pattern(text);
"""

# Parts are three characters, for one trigram: letters or digits, or two of them beside anything else. Each next
# one is that which most of the other texts lack that have the parts before. Two at least, since a part in none
# of a few hundred texts may be in thousands of others.
RARE_PARTS = r"""
CREATE FUNCTION auditing_rare_parts(wanted text, texts text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- The rarest first.
    parts text[] := ARRAY(
        SELECT part FROM (
            SELECT DISTINCT substr(wanted, place, 3) AS part
            FROM generate_series(1, length(wanted) - 2, 1 + length(wanted) / 30) AS place
        ) AS cut
        WHERE part ~ '^([A-Z0-9]{3}|[^A-Z0-9][A-Z0-9]{2}|[A-Z0-9]{2}[^A-Z0-9])$'
        ORDER BY (SELECT count(*) FROM unnest(texts) AS text WHERE strpos(text, part) > 0), part
    );
    misleading text[] := ARRAY(SELECT text FROM unnest(texts) AS text WHERE strpos(text, wanted) = 0);
    chosen text[] := '{}';
    best text := parts[1];
BEGIN
    WHILE best IS NOT NULL AND cardinality(chosen) < 3
        AND (cardinality(chosen) < 2 OR cardinality(misleading) > 0)
    LOOP
        chosen := chosen || best;
        parts := array_remove(parts, best);
        misleading := ARRAY(SELECT text FROM unnest(misleading) AS text WHERE strpos(text, best) > 0);
        best := (
            SELECT part FROM unnest(parts) WITH ORDINALITY AS other (part, place)
            ORDER BY (SELECT count(*) FROM unnest(misleading) AS text WHERE strpos(text, part) > 0), place
            LIMIT 1
        );
    END LOOP;
    chosen := CASE WHEN chosen = '{}' THEN ARRAY[wanted] ELSE chosen END;
    RETURN ARRAY(
        SELECT public.auditing_pattern(coalesce(chosen[n], '')) FROM generate_series(1, 3) AS n ORDER BY n
    );
END
$$;
REVOKE ALL ON FUNCTION auditing_rare_parts(text, text[]) FROM PUBLIC;
"""

# Some two hundred texts, the same ones until there are twice as many: enough to tell which parts are rare.
SAMPLED = """
CREATE FUNCTION auditing_sampled_{table}() RETURNS text[] LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last bigint := (SELECT max(generation_id) FROM public.auditing_{table});
    step bigint := 1 << greatest(0, floor(log(2, last / 128.0))::int);
BEGIN
    RETURN ARRAY(
        SELECT text FROM public.auditing_{table}
        WHERE generation_id = ANY (ARRAY(SELECT step * n FROM generate_series(1, last / step) AS n))
    );
END
$$;
REVOKE ALL ON FUNCTION auditing_sampled_{table}() FROM PUBLIC;
"""

# As 0049 says it: what is asked of the index are parts, and of the rows that it finds the text itself. A frequent
# text of whoever sees everything is in the first rows that come; for all else the planner, which takes any part
# for frequent, is kept from reading all texts.
SEARCH = rf"""
CREATE OR REPLACE FUNCTION auditing_search(wanted text, most bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on AS $$
DECLARE
    pattern text := public.auditing_pattern(upper(wanted));
    texts text[] := public.auditing_sampled_searchtext();
    of_texts text[] := public.auditing_rare_parts(upper(wanted), texts);
    of_ids text[] := public.auditing_rare_parts(upper(wanted), public.auditing_sampled_searchedid());
    everything boolean := public.auditing_everything()
        OR (current_setting('role') = '{WORKER}' AND current_setting('clipledger.person', true) = 'system');
    person bigint := public.auditing_person();
    whole bigint[] := public.auditing_whole_teams();
    own bigint[] := public.auditing_own_teams();
BEGIN
    PERFORM set_config('enable_seqscan', (everything AND most IS NOT NULL AND (
        SELECT count(*) FILTER (WHERE text LIKE pattern) * 10 > count(*) FROM unnest(texts) AS text
    ))::text, true);
    RETURN QUERY
    SELECT kept.generation_id FROM public.auditing_searchtext AS kept
    WHERE kept.text LIKE of_texts[1] AND kept.text LIKE of_texts[2] AND kept.text LIKE of_texts[3]
        AND {as_filter("kept.text LIKE pattern")} AND {BEFORE.SEEN}
    UNION ALL
    SELECT kept.generation_id FROM public.auditing_searchedid AS kept
    WHERE kept.text LIKE of_ids[1] AND kept.text LIKE of_ids[2] AND kept.text LIKE of_ids[3]
        AND {as_filter("kept.text LIKE pattern")} AND {BEFORE.SEEN}
        AND NOT EXISTS (
            SELECT FROM public.auditing_searchtext AS other
            WHERE other.generation_id = kept.generation_id AND other.text LIKE pattern
        )
    LIMIT most;
END
$$;
"""  # noqa: S608 - our own rule


class Migration(migrations.Migration):
    dependencies = [("auditing", "0053_small_rollups")]
    operations = [
        migrations.RunSQL(
            "".join((PATTERN, RARE_PARTS, *(SAMPLED.format(table=table) for table in TABLES), SEARCH)),
            f"{BEFORE.SEARCH.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION')}{GONE}",
        ),
    ]
