"""A share as the site sees it: its storage class, run by PHP."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.support.php_code import run_php


@dataclass(frozen=True, slots=True)
class SiteShare:
    """The share at an address; ``environment`` is added to PHP's own."""

    url: str
    token: str
    environment: dict[str, str] = field(default_factory=dict)

    def put(self, local: Path, path: str) -> str:
        """Store a file; answers "stored", or the status and what would be logged."""
        code = """
            $hash = hash_file('sha256', $argv[1]);
            $file = new CrowdSky\\Storage\\SpooledFile($argv[1], filesize($argv[1]), $hash);
            $client = new CrowdSky\\Storage\\WebDavClient($argv[2], getenv('SHARE_TOKEN'));
            try {
                (new CrowdSky\\Storage\\WebDavStorage($client))->put($file, $argv[3]);
                echo 'stored';
            } catch (CrowdSky\\Base\\Refusal $error) {
                $cause = $error->getPrevious();
                echo CrowdSky\\Http\\Status::of($error->kind), ' ', $cause?->getMessage();
            }
            """
        return self._run(code, str(local), self.url, path)

    def move(self, source: str, target: str) -> str:
        """Move a file; answers "moved", or the refusal's class and message."""
        code = """
            $client = new CrowdSky\\Storage\\WebDavClient($argv[1], getenv('SHARE_TOKEN'));
            try {
                (new CrowdSky\\Storage\\WebDavStorage($client))->move($argv[2], $argv[3]);
                echo 'moved';
            } catch (RuntimeException $error) {
                echo (new ReflectionClass($error))->getShortName(), ': ', $error->getMessage();
            }
            """
        return self._run(code, self.url, source, target)

    def _run(self, code: str, *arguments: str) -> str:
        return run_php(code, *arguments, SHARE_TOKEN=self.token, **self.environment)
