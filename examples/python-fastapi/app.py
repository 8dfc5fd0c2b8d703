"""A service of two stages, tracked: OTEL_SERVICE_NAME=essays uvicorn app:app"""

import asyncio
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from tracking import event, new_correlation_id, shutdown, track_stage


class Wish(BaseModel):
    student: str
    topic: str


@asynccontextmanager
async def lifespan(_: FastAPI):
    yield
    shutdown()


app = FastAPI(lifespan=lifespan)


@app.post("/videos")
async def make_video(wish: Wish):
    request_id = new_correlation_id()
    event(request_id, "request.created", **{"user.id": wish.student, "vividly.request.topic": wish.topic})
    try:
        with track_stage(request_id, "validation"):
            if "volcano" in wish.topic:
                raise ValueError("No volcanoes here")
        with track_stage(request_id, "script_generation"):
            await asyncio.sleep(0.05)
        event(request_id, "request.completed")
        return {"correlation_id": request_id}
    except ValueError as error:
        told = {"exception.type": "ValueError", "exception.message": str(error)}
        event(request_id, "request.failed", failed=True, **told)
        return JSONResponse({"correlation_id": request_id, "error": str(error)}, status_code=422)
