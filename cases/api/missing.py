"""Every address under /api/ that does not exist: the same 404 as for a thing that is not yours, whatever the method."""

from typing import Any, NoReturn

from rest_framework.request import Request

from cases.api.views import ApiView
from cases.errors import NotFound


class Missing(ApiView):
    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotFound()
