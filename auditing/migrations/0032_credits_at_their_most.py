"""What a generation cost at its most is kept beside what it costs now: the difference was refunded."""

from django.db import migrations, models

# Of records whose credits changed already, what their providers said before: the payloads tell.
FROM_HISTORY = """
UPDATE auditing_generation AS changed SET credits_most_thousandths = said.most
FROM (
    SELECT seen.generation_id, max(CASE made.provider
        WHEN 'nanobanana' THEN round((seen.payload #>> '{video,credits_used}')::numeric * 1000)
        WHEN 'reelbot' THEN CASE seen.payload ->> 'status' WHEN 'completed' THEN 1000 WHEN 'failed' THEN 0 END
    END)::bigint AS most
    FROM auditing_observation AS seen
    JOIN auditing_generation AS made ON made.id = seen.generation_id
    WHERE 'credits_changed' = ANY (made.flags)
    GROUP BY seen.generation_id
) AS said
WHERE changed.id = said.generation_id AND said.most > coalesce(changed.credits_thousandths, 0);
"""
# Who was refunded before there was a mark for it has it now, as if it had been looked up today.
MARKED = """
UPDATE auditing_generation
SET flags = ARRAY(SELECT flag FROM unnest(flags || 'refunded'::varchar) AS flag ORDER BY flag COLLATE "C")
WHERE 'credits_changed' = ANY (flags) AND NOT 'refunded' = ANY (flags)
    AND credits_thousandths < credits_most_thousandths;
"""


class Migration(migrations.Migration):
    dependencies = [("auditing", "0031_walls_as_filters")]
    operations = [
        migrations.AddField(
            "generation", "credits_most_thousandths", models.BigIntegerField(null=True)
        ),
        migrations.RunSQL(FROM_HISTORY, migrations.RunSQL.noop),
        migrations.RunSQL(MARKED, migrations.RunSQL.noop),
    ]
