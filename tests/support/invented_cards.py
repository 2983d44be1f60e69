"""Two hundred invented header cards: what strangers may read of each is known."""

from __future__ import annotations

PLACES = """
SITELAT SITELONG SITELON SITEELEV SITEALT SITENAME SITE OBSLAT OBSLON OBSLONG OBSALT OBSELEV
OBS-LAT OBS_LONG LAT-OBS LONG-OBS ALT-OBS LATOBS LAT LATI LATD LATITUD LATITUDE LON LONG LONGI
LONGITUD GEOLAT GEOLON GEO_LAT GEO-LON GEOELEV GPSLAT GPSLON GPS_LAT GPS-TIME GPS OBSGEO-X
OBSGEO-Y OBSGEO-B BREITE LAENGE HOEHE NORTH EAST PHI LAMBDA COORDS PLACE TOWN CITY COUNTRY
ADDRESS POSTCODE LOCATION WHERE OBSERVAT OBSNAME OBSVTORY OBSERVER OWNER AUTHOR USERNAME TELLAT
TELLONG TEL-LAT MPCCODE STATION AIRMASS SECZ ALT AZ ALTITUDE AZIMUTH OBJCTALT OBJCTAZ OBJCTHA
CENTALT CENTAZ TELALT TELAZ ZD ZENITH HA HOURANG LST LMST LAST ST SIDTIME SIDEREAL PARANGLE
PARALLAC ROTANGLE SUNALT MOONALT MOONAZ DATE-LOC TIME-LOC DATELOC LOCTIME LOCALTIM LOCAL-TM
TIMEZONE TZ TZOFFSET UTCOFF UTCOFFS DST DATE AMBTEMP HUMIDITY PRESSURE DEWPOINT PROGRAM SWCREATE
NOTES REMARK TITLE FILENAME ORIGFILE SERIAL WIFI
"""
"""Keywords, apart by blanks, that are in no table, or are known to tell the place."""

FREE_TEXT = {
    "FILTER": "lat 48.2", "OBJECT": "my garden 48.1 N", "TELESCOP": "Dome of Vienna",
    "BUNIT": "N 48",
    "INSTRUME": "48.1371 11.5754", "CREATOR": "by A. Person", "ORIGIN": "Town Observatory",
    "IMAGETYP": "Light, Munich", "EXTNAME": "48.1 N", "RADESYS": "WGS84 48.1", "TIMESYS": "CEST",
    "BAYERPAT": "48N", "CTYPE1": "LATITUDE", "CUNIT1": "deg N", "ROWORDER": "48.1",
    "PLTCAT": "48.1",
    "STACKENG": "at 48.1", "STACKMET": "mean of 48.1", "JOBID": "job of A. Person",
    "TTYPE1": "lat48.2",
    "TUNIT1": "deg north", "ZPCAT": "V of 48.1", "PRODUCER": "A. Person", "CAMERA": "in the garden",
    "OBJ001": "Munich, 1.2, Town", "DATE-OBS": "2025-03-27 21:20:46 CET", "RA": "48d N",
    "DEC": "north 48", "PIERSIDE": "48", "PLTSOLVR": "mine", "BINNING": "48", "OBJCTTYP": "garden",
    "EXPTIME": "ten", "GAIN": "48 N 11 E", "SIMPLE": "48.1", "EQMODE": "48.1", "NAXIS": "48.1",
    "DATE-END": "Thursday", "ARCHID": "48.1371", "DETECTOR": "48.1 north",
}  # fmt: skip
"""Public cards that hold what they must not."""

PUBLIC = {
    "BITPIX": ("-32", "-32"), "BZERO": ("32768", "32768"), "EXTEND": ("T", "T"),
    "EXPTIME": ("10.", "10."), "EXPOSURE": ("1.0E+01", "1.0E+01"), "EXP": ("15", "15"),
    "GAIN": ("'80'", "'80      '"), "CCD-TEMP": ("-5.25", "-5.25"), "FOCALLEN": ("250.", "250."),
    "XPIXSZ": ("2.90000009536743", "2.90000009536743"), "BAYERPAT": ("'GRBG'", "'GRBG    '"),
    "FILTER": ("' Duo-Band'", "'Duo-Band'"), "FILTER1": ("'IRCUT   '", "'IRCUT   '"),
    "RA": ("193.04166", "193.04166"), "OBJCTRA": ("'12 52 10.0'", "'12 52 10.0'"),
    "OBJCTDEC": ("'-40 58 14'", "'-40 58 14'"), "EQMODE": ("1", "1"),
    "DATE-OBS": ("'2025-03-27T01:20:32.955368'", "'2025-03-27T01:20:32.955368'"),
    "DATE-BEG": ("'2025-03-27T01:20:32+02:00'", "'2025-03-26T23:20:32'"),
    "DATE-END": ("'2024-02-28 23:45:60.5-05:30'", "'2024-02-29 05:15:60.5'"),
    "MJD-OBS": ("60761.05", "60761.05"), "BJD_TDB": ("2460761.5627314815", "2460761.562731"),
    "CTYPE1": ("'RA---TAN-SIP'", "'RA---TAN-SIP'"), "CD1_2": ("-1.8D-05", "-1.8D-05"),
    "A_0_2": (".5", ".5"), "CRVAL1": ("0.0", "0.0"), "NAXIS1": ("1080", "1080"),
    "TELESCOP": ("'S50_1d3fe189'", "'S50_1d3fe189'"), "INSTRUME": ("'imx585'", "'imx585  '"),
    "OBJECT": ("'Elephant''s Trunk Nebula'", "'Elephant''s Trunk Nebula'"),
    "TTYPE11": ("'TRANSFORM'", "'TRANSFORM'"), "ZPSCTG": ("0.02", "0.02"),
    "OBJ001": ("'M 94, 1.4, Galaxy'", "'M 94, 1.4, Galaxy'"), "PLTQUAL": ("'good'", "'good    '"),
}  # fmt: skip
"""Keyword -> (field as written, field as strangers get it)."""

TEXTS = [
    "COMMENT Observatory at 48.1 N", "HISTORY site latitude: +48d 08m", "        GPS 48.137",
    "HIERARCH ESO TEL GEOLAT = -24.6270", "CONTINUE  '48.1371'", "sitelat = 48.1371",
    "OBJECT  = 'M 94&'", "FILTER  =", "GAIN=80", "EXPTIME = / 48.1371", "FILTER  = 'IRCUT' 48.1",
    "RA      = 193.04166 48.1371", "DATE-OBS= '2025-13-45T01:20:32+02:00'",
    "DATE-OBS= '0001-01-01T00:20:32+02:00'", "DATE-OBS= '9999-12-31T23:59:59-02:00'",
    "BJD_TDB = 2.46E6", "OBJECT  = 'M 94\n48.1'", "NAXIS1234= 48", "TELESCOP= 'S50_1d3fe189\t'",
    "EXPTIME = NaN", "GAIN    = 80\n48.1", "LATITUDE= '48 08 13.5 N'", "FILTER  = 48.1",
    "EXTEND  = 'T'",
]  # fmt: skip
"""Cards of which nothing may stay."""


def withheld() -> list[bytes]:
    """Cards of which strangers must read nothing."""
    cards = [f"{key:<8}= 48.1371 / 11.5754 E" for key in PLACES.split()]
    cards += [f"{key:<8}= '{text}'" for key, text in FREE_TEXT.items()]
    return [card.encode().ljust(80) for card in (*cards, *TEXTS)]


def kept() -> list[tuple[bytes, bytes]]:
    """Cards with a telling comment, and what strangers read of each."""
    pairs = []
    for key, (written, public) in PUBLIC.items():
        value = public if public.startswith("'") else public.rjust(20)
        pairs.append((f"{key:<8}= {written} / seen at 48.1371 N", f"{key:<8}= {value}"))
    return [(card.encode().ljust(80), public.encode().ljust(80)) for card, public in pairs]
