#!/bin/sh
# What lighttpd answers for itself, as problem details: its error handler, run as a CGI program with the status in
# REDIRECT_STATUS. Where nobody has answered, the query names the problem.
cd "${0%/*}" || exit 1
case $REDIRECT_STATUS in
401) file=no-user.asis ;;
413) file=body-too-large.asis ;;
503) file=storage-unavailable.asis ;;  # no worker was reached
500 | 502 | 504) file=$QUERY_STRING.asis ;;
*) file=$REDIRECT_STATUS.asis ;;
esac
[ -f "$file" ] && exec cat "$file"
status=${REDIRECT_STATUS:-404}
printf 'Status: %s\nContent-Type: application/problem+json\nCache-Control: no-store\n\n' "$status"
printf '{"type":"about:blank","title":"%s","status":%s}' "$status" "$status"
