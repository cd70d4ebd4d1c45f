"""`/reports/credits/mail/`: the monthly report by e-mail is asked for, and ended there or by its link."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from auditing.access import acting_as
from auditing.mailing import NoAddress, person_of, subscribe, unsubscribe
from auditing.views.pages import render_page, signed_in


@require_http_methods(["GET", "POST"])
def report_mail(request: HttpRequest) -> HttpResponse:
    """POST subscribes, or with `act=stop` ends it; both lead to the budgets, where it is said."""
    person = signed_in(request)
    if request.method == "POST" and request.POST.get("act") == "stop":
        unsubscribe(person)
    elif request.method == "POST":
        try:
            subscribe(person)
        except NoAddress:
            return redirect(f"{reverse('budgets')}?mail=no-address#mail")
    return redirect(f"{reverse('budgets')}#mail")


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_mail_stop(request: HttpRequest) -> HttpResponse:
    """The link in a letter: a page with one button, for programs open each link in a mail, and end nothing.

    POST ends it without more ado, as mail programs ask for it (RFC 8058): the signature says for whom, no
    session is needed, and there is nothing else that it could do.
    """
    person = person_of(request.GET.get("for", ""))
    if person is None:
        raise Http404
    if request.method == "POST":
        with acting_as(person):
            unsubscribe(person)
    return render_page(request, "auditing/report_mail_stop.html", {"stopped": request.method == "POST"})
