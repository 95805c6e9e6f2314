"""Pages of the demo only."""

urlpatterns: list[object] = []
