#!/bin/bash
# One container a region, without a shared disk, then one that gathers: the three steps of a reporting round.
#
#   twelve_containers.sh STUDY ROUND FOLDER [SOURCE]
#
# On a platform (Airflow, Kubernetes jobs) each turn of the loop is a container of its own, and the copy in the middle
# is what the platform does to bring private folders together. Nothing but the folders passes between the steps.
set -euo pipefail
study=$1 round=$2 folder=$3 source=${4:-synthetic}
workbook=${WORKBOOK:-workbook}
regions=${REGIONS:-"north_east north_west greater_manchester yorkshire_and_the_humber east_midlands west_midlands wales \
east_of_england london south_central kent_surrey_and_sussex south_west"}

# 1. map: each region alone; its records are private and not cleared. The summary is for the platform.
for region in $regions; do
  mkdir -p "$folder/$region"
  WORKBOOK_REPORTS="$folder/$region" "$workbook" run "$study" --region "$region" --data "$source" --round "$round" \
    --log json --summary "$folder/$region/summary.json" > "$folder/$region/run.log" 2>&1
done

# 2. gather: run folders have names of their own and links are relative, so the folders lie beside each other.
#    The ledger of each container is a cache and stays where it is.
mkdir -p "$folder/all"
for region in $regions; do
  (cd "$folder/$region" && tar --exclude='./site' --exclude='./ledger.sqlite' --exclude='./.site.json' --exclude='./.locks' \
    --exclude='./summary.json' --exclude='./run.log' -cf - .) | tar -C "$folder/all" -xf -
done

# 3. reduce: all regions set beside each other, then the pages.
WORKBOOK_REPORTS="$folder/all" "$workbook" clear "$study" --data "$source" --round "$round"
WORKBOOK_REPORTS="$folder/all" "$workbook" site --round "$round"
