"""The public addresses. No case word stands in them."""

app_name = "intake"
urlpatterns: list[object] = []
