"""The pages' addresses. Ids may hold `/`, so nothing lies below a record's address: query strings do that."""

from django.urls import URLPattern, URLResolver, include, path

from auditing.views.accounts import account_add, account_key, account_test
from auditing.views.annotating import generation_notes, generation_tags
from auditing.views.api_help import api_help
from auditing.views.audit import audit
from auditing.views.budgets import budget_add, budget_change, budget_notice, budgets
from auditing.views.closed import closed_month, closed_months
from auditing.views.correcting import generation_correct
from auditing.views.detail import generation_detail
from auditing.views.downloads import generation_download
from auditing.views.exports import export_file, export_manifest, export_standing, exports
from auditing.views.findings import findings
from auditing.views.generations import generation_list
from auditing.views.health import healthz
from auditing.views.help import help_page
from auditing.views.intake import intake
from auditing.views.layout import generation_layout
from auditing.views.live import generation_live
from auditing.views.overview import overview
from auditing.views.payloads import generation_payload
from auditing.views.prices import account_prices
from auditing.views.refreshing import generation_refresh, sync_refresh
from auditing.views.refunding import findings_mark, generation_refund
from auditing.views.report_mail import report_mail, report_mail_stop
from auditing.views.reports import credits_report, times_report
from auditing.views.saved_views import saved_view_edit, saved_view_new, saved_views
from auditing.views.selected import generation_selected
from auditing.views.statement import statement, statement_register, statement_withdraw
from auditing.views.statements import statements
from auditing.views.sync import sync
from auditing.views.tokens import tokens, tokens_revoke

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview, name="overview"),
    path("generations/", generation_list, name="generation_list"),
    path("generations/columns/", generation_layout, name="generation_layout"),
    path("generations/download/", generation_download, name="generation_download"),
    path("generations/correct/", generation_correct, name="generation_correct"),
    path("generations/refund/", generation_refund, name="generation_refund"),
    path("generations/notes/", generation_notes, name="generation_notes"),
    path("generations/tags/", generation_tags, name="generation_tags"),
    path("generations/live/", generation_live, name="generation_live"),
    path("generations/payload/", generation_payload, name="generation_payload"),
    path("generations/refresh/", generation_refresh, name="generation_refresh"),
    path("generations/selected/", generation_selected, name="generation_selected"),
    path("generations/<str:provider>/<path:external_id>/", generation_detail, name="generation_detail"),
    path("budgets/", budgets, name="budgets"),
    path("budgets/add/", budget_add, name="budget_add"),
    path("budgets/change/", budget_change, name="budget_change"),
    path("budgets/notices/", budget_notice, name="budget_notice"),
    path("exports/", exports, name="exports"),
    path("exports/<int:number>/", export_standing, name="export"),
    path("exports/<int:number>/manifest/", export_manifest, name="export_manifest"),
    path("exports/<int:number>/file/", export_file, name="export_file"),
    path("intake/", intake, name="intake"),
    path("reports/closed/", closed_months, name="closed_months"),
    path("reports/closed/<slug:slug>/<str:named>/", closed_month, name="closed_month"),
    path("reports/credits/", credits_report, name="report_credits"),
    path("reports/credits/mail/", report_mail, name="report_mail"),
    path("reports/credits/mail/stop/", report_mail_stop, name="report_mail_stop"),
    path("reports/timing/", times_report, name="report_timing"),
    path("findings/", findings, name="findings"),
    path("findings/refunds/", findings_mark, name="findings_mark"),
    path("reports/statements/", statements, name="statements"),
    path("reports/statements/<int:number>/", statement, name="statement"),
    path("reports/statements/<int:number>/withdraw/", statement_withdraw, name="statement_withdraw"),
    path("reports/statements/<int:number>/register/", statement_register, name="statement_register"),
    path("sync/", sync, name="sync"),
    path("sync/refresh/", sync_refresh, name="sync_refresh"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/revoke/", tokens_revoke, name="tokens_revoke"),
    path("sync/accounts/add/", account_add, name="sync_account_add"),
    path("sync/accounts/key/", account_key, name="sync_account_key"),
    path("sync/accounts/test/", account_test, name="sync_account_test"),
    path("sync/accounts/prices/", account_prices, name="sync_account_prices"),
    path("views/", saved_views, name="saved_views"),
    path("views/save/", saved_view_new, name="saved_view_new"),
    path("views/edit/", saved_view_edit, name="saved_view_edit"),
    path("audit/", audit, name="audit"),
    path("help/", help_page, name="help"),
    path("help/api/", api_help, name="api_help"),
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("auditing.api.urls")),
]
