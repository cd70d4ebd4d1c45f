"""Ids are searched in rows of their own: a change of what a job is called does not index its id anew.

An id has as many trigrams as a title and a prompt together, and rarer ones, each in a list of its own: they
were most of what another text cost the search's index.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

from auditing.migrations._walls import RECORD, WEB, WORKER, wall

BEFORE = import_module("auditing.migrations.0005_search_text")

KEEP_IN_STEP = r"""
CREATE FUNCTION auditing_searched(title text, description text, error text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN upper(coalesce(title, '') || coalesce(E'\x1f' || description, '') || coalesce(E'\x1f' || error, ''));

CREATE FUNCTION auditing_search_text_begins() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    INSERT INTO public.auditing_searchedid (generation_id, team_id, owner_id, text)
    SELECT id, team_id, owner_id, upper(external_id) FROM written;
    INSERT INTO public.auditing_searchtext (generation_id, team_id, owner_id, text)
    SELECT id, team_id, owner_id, public.auditing_searched(title, description, error) FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_search_text_begins AFTER INSERT ON auditing_generation
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_search_text_begins();

CREATE FUNCTION auditing_search_text_follows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    UPDATE public.auditing_searchtext AS kept
    SET team_id = said.team_id, owner_id = said.owner_id, text = said.text
    FROM (SELECT id, team_id, owner_id, public.auditing_searched(title, description, error) AS text
          FROM written) AS said
    WHERE kept.generation_id = said.id
      AND (kept.team_id, kept.owner_id, kept.text)
          IS DISTINCT FROM (said.team_id, said.owner_id, said.text);
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_search_text_follows AFTER UPDATE ON auditing_generation
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION auditing_search_text_follows();

-- Of these the sync writes none, so what it stores never comes here.
CREATE FUNCTION auditing_searched_id_follows() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.auditing_searchedid
    SET team_id = NEW.team_id, owner_id = NEW.owner_id, text = upper(NEW.external_id)
    WHERE generation_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER auditing_searched_id_follows AFTER UPDATE OF external_id, team_id, owner_id ON auditing_generation
    FOR EACH ROW WHEN ((OLD.external_id, OLD.team_id, OLD.owner_id)
        IS DISTINCT FROM (NEW.external_id, NEW.team_id, NEW.owner_id))
    EXECUTE FUNCTION auditing_searched_id_follows();

-- As 0005 has it of the texts, so that a part of an id is known for as rare as it is.
ALTER TABLE auditing_searchedid ALTER COLUMN text SET STATISTICS 1000;

TRUNCATE auditing_searchtext;
INSERT INTO auditing_searchtext (generation_id, team_id, owner_id, text)
SELECT id, team_id, owner_id, auditing_searched(title, description, error) FROM auditing_generation ORDER BY id;
INSERT INTO auditing_searchedid (generation_id, team_id, owner_id, text)
SELECT id, team_id, owner_id, upper(external_id) FROM auditing_generation ORDER BY id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
NOT_IN_STEP = """
DROP TRIGGER auditing_searched_id_follows ON auditing_generation;
DROP TRIGGER auditing_search_text_follows ON auditing_generation;
DROP TRIGGER auditing_search_text_begins ON auditing_generation;
DROP FUNCTION auditing_searched_id_follows();
DROP FUNCTION auditing_search_text_follows();
DROP FUNCTION auditing_search_text_begins();
DROP FUNCTION auditing_searched(text, text, text);
TRUNCATE auditing_searchtext;
"""

# As 0005 says. Whose text has it as well is told once.
SEEN = "(everything OR kept.team_id = ANY (whole) OR (kept.owner_id = person AND kept.team_id = ANY (own)))"
SEARCH = rf"""
CREATE FUNCTION auditing_search(wanted text, most bigint) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    pattern text := '%' || regexp_replace(upper(wanted), '[\\%_]', '\\\&', 'g') || '%';
    everything boolean := public.auditing_everything()
        OR (current_setting('role') = '{WORKER}' AND current_setting('clipledger.person', true) = 'system');
    person bigint := public.auditing_person();
    whole bigint[] := public.auditing_whole_teams();
    own bigint[] := public.auditing_own_teams();
BEGIN
    RETURN QUERY
    SELECT kept.generation_id FROM public.auditing_searchtext AS kept WHERE kept.text LIKE pattern AND {SEEN}
    UNION ALL
    SELECT kept.generation_id FROM public.auditing_searchedid AS kept WHERE kept.text LIKE pattern AND {SEEN}
        AND NOT EXISTS (
            SELECT FROM public.auditing_searchtext AS other
            WHERE other.generation_id = kept.generation_id AND other.text LIKE pattern
        )
    LIMIT most;
END
$$;
REVOKE ALL ON FUNCTION auditing_search(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_search(text, bigint) TO {WEB}, {WORKER};
"""  # noqa: S608 - our own rule


def trigrams(name: str) -> GinIndex:
    """The index of a text's trigrams."""
    return GinIndex(OpClass("text", name="gin_trgm_ops"), name=name)


class Migration(migrations.Migration):
    dependencies = [("auditing", "0048_days_of_adjustments")]
    # The texts' index is made anew after them: filling it row by row takes many times as long.
    operations = [
        migrations.CreateModel(
            name="SearchedId",
            fields=[
                (
                    "generation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="searched_id",
                        serialize=False,
                        to="auditing.generation",
                    ),
                ),
                ("team", BEFORE.same_as_generation("auditing.team")),
                ("owner", BEFORE.same_as_generation(settings.AUTH_USER_MODEL, null=True)),
                ("text", models.TextField()),
            ],
        ),
        migrations.RemoveIndex(model_name="searchtext", name="search_text_trigrams"),
        migrations.RunSQL(BEFORE.NOT_IN_STEP, BEFORE.KEEP_IN_STEP + "SET CONSTRAINTS ALL IMMEDIATE;"),
        migrations.RunSQL(KEEP_IN_STEP, NOT_IN_STEP),
        migrations.AddIndex(model_name="searchtext", index=trigrams("search_text_trigrams")),
        migrations.AddIndex(model_name="searchedid", index=trigrams("searched_id_trigrams")),
        wall("auditing_searchedid", RECORD),
        migrations.RunSQL(BEFORE.NO_SEARCH, BEFORE.SEARCH),
        migrations.RunSQL(SEARCH, "DROP FUNCTION auditing_search(text, bigint);"),
    ]
