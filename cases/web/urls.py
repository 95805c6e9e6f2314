"""The console's addresses. No case word stands in them."""

app_name = "console"
urlpatterns: list[object] = []
