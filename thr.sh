ulimit -v 12000000
run(){ ( cd $1; /usr/bin/time -f '%es %MKB' timeout 100 /tmp/adv/wixlint --no-config --output-format concise 2>&1 | tail -3 | tr '\n' ' '; echo " rc=${PIPESTATUS[0]} $1"); }
