"""Runs in the environment of crowdsky-client: its documented uses, one after the other."""

# The key comes in the environment, as the client's manual has it.
import json
import sys

from crowdsky_client import Client, CrowdSkyError

base_url, ra, dec, pixel, folder = sys.argv[1:]
client = Client(base_url=base_url)
frames = client.frames_for_target(float(ra), float(dec), radius_deg=0.75, filter_name="IRCUT")
in_pixel = client.frames_by_healpix(int(pixel), start="2025-07-01T00:00:00Z", min_exptime=5)
body = client.download_frame(frames[0]["id"])
path = client.download_frame_to(frames[0]["id"], f"{folder}/new/frame.fits")
stars = client.star_data(frames[0]["id"])
coverage = client.sky_coverage()
refusals = []
for wrong in (Client("csk_wrong", base_url), Client(api_key=f"csk_{'0' * 64}", base_url=base_url)):
    try:
        wrong.frames_by_healpix(1)
    except CrowdSkyError as error:
        refusals.append(str(error))
print(
    json.dumps(
        {
            "frames": frames,
            "in_pixel": in_pixel,
            "starts_as_fits": body[:9] == b"SIMPLE  =",
            "same_bytes": path.read_bytes() == body,
            "stars": stars["stars"],
            "coverage": [[int(row["healpix_ring"]), int(row["n_stacks"])] for row in coverage],
            "refusals": refusals,
        }
    )
)
