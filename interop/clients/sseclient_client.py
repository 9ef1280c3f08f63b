"""sseclient-py, which decodes what another library receives: prints one line per event, for ever."""

import sys
import time

import httpx
from sseclient import SSEClient

url = sys.argv[1]
last_event_id = ""
reconnection_time = 3.0

# A stream may be idle for as long as it likes.
with httpx.Client(timeout=httpx.Timeout(10, read=None), trust_env=False) as client:
    while True:
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        try:
            with client.stream("GET", url, headers=headers) as response:
                for event in SSEClient(response.iter_bytes()).events():
                    last_event_id = event.id or last_event_id
                    if event.retry is not None:
                        reconnection_time = int(event.retry) / 1000
                    print(event.id, event.event, event.data, sep="\t", flush=True)
        except httpx.TransportError as error:
            print(f"sseclient-py: {error!r}", file=sys.stderr)
        time.sleep(reconnection_time)
