"""Text search gets a narrow table of its own, which triggers keep in step with the generations."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models

from auditing.migrations._walls import RECORD, WEB, WORKER, wall

# In set with the statement that changed the generations: one INSERT or UPDATE for all of its rows. Planned
# anew each time, since a plan made for a small table would later read a large one from end to end.
KEEP_IN_STEP = r"""
CREATE FUNCTION auditing_searched(external_id text, title text, description text, error text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN upper(external_id || coalesce(E'\x1f' || title, '') || coalesce(E'\x1f' || description, '')
             || coalesce(E'\x1f' || error, ''));

CREATE FUNCTION auditing_search_text_begins() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    INSERT INTO public.auditing_searchtext (generation_id, team_id, owner_id, text)
    SELECT id, team_id, owner_id, public.auditing_searched(external_id, title, description, error)
    FROM written;
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
    FROM (SELECT id, team_id, owner_id,
              public.auditing_searched(external_id, title, description, error) AS text
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

-- Ten times the usual sample: with less, every word below one row in a hundred looks equally rare.
ALTER TABLE auditing_searchtext ALTER COLUMN text SET STATISTICS 1000;

INSERT INTO auditing_searchtext (generation_id, team_id, owner_id, text)
SELECT id, team_id, owner_id, auditing_searched(external_id, title, description, error)
FROM auditing_generation ORDER BY id;
"""
NOT_IN_STEP = """
DROP TRIGGER auditing_search_text_follows ON auditing_generation;
DROP TRIGGER auditing_search_text_begins ON auditing_generation;
DROP FUNCTION auditing_search_text_follows();
DROP FUNCTION auditing_search_text_begins();
DROP FUNCTION auditing_searched(text, text, text, text);
"""


# The search itself. LIKE is not leakproof, so below a policy the planner leaves the trigrams alone; this
# function asks for the tables' owner, whom no policy holds up, and applies the same rule by itself. Nothing is
# shown to it that the policy of auditing_generation would not show. Planned anew for each text, since a rare
# word wants the index and a frequent one the first rows that come.
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
    RETURN QUERY SELECT kept.generation_id FROM public.auditing_searchtext AS kept
    WHERE kept.text LIKE pattern
        AND (everything OR kept.team_id = ANY (whole) OR (kept.owner_id = person AND kept.team_id = ANY (own)))
    LIMIT most;
END
$$;
REVOKE ALL ON FUNCTION auditing_search(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auditing_search(text, bigint) TO {WEB}, {WORKER};
"""
NO_SEARCH = "DROP FUNCTION auditing_search(text, bigint);"


def same_as_generation(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A copy of the generation's own key, whose constraint vouches for it."""
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=to,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("auditing", "0004_walls")]
    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "generation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_text",
                        serialize=False,
                        to="auditing.generation",
                    ),
                ),
                ("team", same_as_generation("auditing.team")),
                ("owner", same_as_generation(settings.AUTH_USER_MODEL, null=True)),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunSQL(KEEP_IN_STEP, NOT_IN_STEP),
        migrations.AddIndex(
            model_name="searchtext",
            index=GinIndex(OpClass("text", name="gin_trgm_ops"), name="search_text_trigrams"),
        ),
        migrations.RemoveIndex(model_name="generation", name="generation_text"),
        wall("auditing_searchtext", RECORD),
        migrations.RunSQL(SEARCH, NO_SEARCH),
    ]
