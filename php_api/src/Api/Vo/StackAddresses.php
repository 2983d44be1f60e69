<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Http\Request;

/** Where a stack is found on this site, as the client reaches it. */
final class StackAddresses
{
    private readonly string $site;

    public function __construct(Request $request)
    {
        $this->site = $request->siteAddress();
    }

    /** Its FITS file; a key is needed. */
    public function file(int $stackId): string
    {
        return "{$this->site}/api/download_frame.php?id=$stackId";
    }

    public function page(int $stackId): string
    {
        return "{$this->site}/stack.php?id=$stackId";
    }

    public function thumbnail(int $stackId): string
    {
        return "{$this->site}/thumbnail.php?id=$stackId";
    }
}
