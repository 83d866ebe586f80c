"""Every page and API of the `web` process."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("", include("apps.orgs.urls")),
    path("", include("apps.shared.urls")),
    path("", include("apps.shared.health.urls")),
    path("", include("apps.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("api/v1/", include("apps.attribution.rest.urls")),
    path("api/v1/", include("apps.orgs.rest.urls")),
    path("api/v1/", include("apps.ingestion.rest.api_urls")),
    path("api/v1/", include("apps.compliance.rest.urls")),
    path("api/v1/", include("apps.quality.rest.urls")),
    path("api/v1/", include("apps.reports.rest.urls")),
    path("o/<slug:organization>/", include("apps.compliance.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("o/<slug:organization>/p/<slug:property>/", include("apps.ingestion.urls")),
    path("o/<slug:organization>/p/<slug:property>/", include("apps.quality.urls")),
    path("o/<slug:organization>/p/<slug:property>/", include("apps.attribution.urls")),
    path("o/<slug:organization>/p/<slug:property>/", include("apps.reports.urls")),
]

handler400 = "apps.shared.views.bad_request"
handler403 = "apps.shared.views.permission_denied"
handler404 = "apps.shared.views.page_not_found"
handler500 = "apps.shared.views.server_error"
