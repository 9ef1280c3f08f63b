#!/usr/bin/env bash
# curl in a loop that remembers the last event ID: prints one line per event, for ever.
set -u
url=$1 last_event_id= reconnection_time=3000

while true; do
    event= data= id=$last_event_id
    # A line that is cut off has no end: `read` fails, and it is dropped with its event.
    while IFS= read -r line; do
        case $line in
            "event: "*) event=${line#event: } ;;
            "data: "*) data=${line#data: } ;;
            "id: "*) id=${line#id: } ;;
            "retry: "*) reconnection_time=${line#retry: } ;;
            "")
                last_event_id=$id
                [ -n "$data" ] && printf '%s\t%s\t%s\n' "$id" "${event:-message}" "$data"
                event= data=
                ;;
        esac
    done < <(exec curl -sN --noproxy '*' ${last_event_id:+-H "Last-Event-ID: $last_event_id"} "$url")
    sleep "$((reconnection_time / 1000)).$(printf %03d $((reconnection_time % 1000)))"
done
