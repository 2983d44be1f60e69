<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/** The colours of the pages. */
enum Theme: string
{
    /** Light or dark, as the reader's system is set. */
    case System = 'system';
    case Light = 'light';
    case Dark = 'dark';
    /** Nothing but red on black, for eyes that are used to the dark. */
    case Night = 'night';

    public static function of(Request $request): self
    {
        return self::tryFrom($request->cookie('theme') ?? '') ?? self::System;
    }
}
