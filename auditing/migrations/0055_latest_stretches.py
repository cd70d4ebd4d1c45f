"""A usual text is found in the latest stretches of records: its rows in all others are not read for a page of them.

Ids are given as records come in, so the latest in a list are nearly all among the latest ids; and what is
together in the table is together in each list of the index, which is read there alone.
"""

from importlib import import_module

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models import F

from auditing.migrations._walls import WEB, WORKER, as_filter

BEFORE = import_module("auditing.migrations.0049_searched_ids")

STRETCH = 16
"""The bits of an id that tell records of one stretch apart: some 65,000 of them."""

# Sixteen stretches are looked through, from the latest on, or eight where these have enough. `number` is how many
# rows were found in them, `most` at most; `ids` are all of those from the id `since` on, at least `enough`.
# Without `since` there are not enough, which the first whole stretches tell; or more than `many`; or the table is
# small. The wall is that of auditing_search. Counts on search_text_stretches: a bitmap for each stretch, of its
# rows alone.
SEARCH_LATEST = rf"""
CREATE FUNCTION auditing_search_latest(
    wanted text, enough bigint, many bigint, most bigint, OUT number bigint, OUT ids text, OUT since bigint
) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off AS $$
DECLARE
    pattern text := public.auditing_pattern(upper(wanted));
    of_texts text[];
    of_ids text[];
    everything boolean := public.auditing_everything()
        OR (current_setting('role') = '{WORKER}' AND current_setting('clipledger.person', true) = 'system');
    person bigint := public.auditing_person();
    whole bigint[] := public.auditing_whole_teams();
    own bigint[] := public.auditing_own_teams();
    stretch bigint := (SELECT max(generation_id) >> {STRETCH} FROM public.auditing_searchtext);
    here bigint[];
    found bigint[] := '{{}}';
BEGIN
    number := 0;
    ids := '{{}}';
    IF stretch IS NULL OR stretch < 16 THEN
        RETURN;
    END IF;
    of_texts := public.auditing_rare_parts(upper(wanted), public.auditing_sampled_searchtext());
    FOR looked_through IN 1..16 LOOP
        here := ARRAY(
            SELECT kept.generation_id FROM public.auditing_searchtext AS kept
            WHERE kept.generation_id >> {STRETCH} = stretch
                AND kept.text LIKE of_texts[1] AND kept.text LIKE of_texts[2] AND kept.text LIKE of_texts[3]
                AND {as_filter("kept.text LIKE pattern")} AND {BEFORE.SEEN}
            LIMIT most - number
        );
        number := number + cardinality(here);
        IF since IS NULL THEN
            found := found || here;
            EXIT WHEN cardinality(found) > many
                OR cardinality(found) * 16 < enough * (looked_through - 1);
            since := CASE WHEN cardinality(found) >= enough THEN stretch << {STRETCH} END;
        END IF;
        EXIT WHEN number >= most OR since IS NOT NULL AND looked_through >= 8;
        stretch := stretch - 1;
    END LOOP;
    IF since IS NULL THEN
        RETURN;
    END IF;
    of_ids := public.auditing_rare_parts(upper(wanted), public.auditing_sampled_searchedid());
    ids := (found || ARRAY(
        SELECT kept.generation_id FROM public.auditing_searchedid AS kept
        WHERE kept.generation_id >= since
            AND kept.text LIKE of_ids[1] AND kept.text LIKE of_ids[2] AND kept.text LIKE of_ids[3]
            AND {as_filter("kept.text LIKE pattern")} AND {BEFORE.SEEN}
            AND kept.generation_id <> ALL (found)
    ))::text;
END
$$;
REVOKE ALL ON FUNCTION auditing_search_latest(text, bigint, bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_search_latest(text, bigint, bigint, bigint) TO {WEB}, {WORKER};
"""  # noqa: S608 - our own rule


def trigrams(*, stretches: bool) -> GinIndex:
    """The index of a text's trigrams and of whose it is, and of its stretch."""
    parts = (F("generation").bitrightshift(STRETCH),) if stretches else ()
    name = "search_text_stretches" if stretches else "search_text_trigrams"
    return GinIndex(*parts, "team", "owner", OpClass("text", name="gin_trgm_ops"), name=name)


class Migration(migrations.Migration):
    dependencies = [("auditing", "0054_rare_parts")]
    operations = [
        migrations.RemoveIndex(model_name="searchtext", name="search_text_trigrams"),
        migrations.AddIndex(model_name="searchtext", index=trigrams(stretches=True)),
        migrations.RunSQL(
            SEARCH_LATEST, "DROP FUNCTION auditing_search_latest(text, bigint, bigint, bigint)"
        ),
    ]
