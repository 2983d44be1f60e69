"""A whole CrowdSky on one machine: a synthetic night, the site, a WebDAV share and a worker."""
