<?php

declare(strict_types=1);

namespace CrowdSky\Api\Client;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Stacks\OwnStacks;

/** The user's stacks, for programs that send what is not here yet; also how they check a password. */
final class MyStacks
{
    /** @throws Refusal without the account of a user; see docs/api.md */
    public static function answer(App $app, Request $request): Response
    {
        $user = ClientCall::user($app, $request);
        $object = $request->query('object');
        $text = '';
        // Written row by row: the list of somebody who has been here for years does not fit into memory otherwise.
        foreach ((new OwnStacks($app->database()))->rows($user->id, $object) as $row) {
            $text .= ($text === '' ? '' : ',') . Response::json(self::described($row))->body;
        }

        return Response::jsonText("[$text]");
    }

    /**
     * Known clients break on null in object_name and date_obs_start.
     *
     * @param array<string, mixed> $row of stacked_frames
     * @return array<string, mixed>
     */
    private static function described(array $row): array
    {
        $number = static fn (string $column): ?float => $row[$column] === null ? null : (float) $row[$column];

        return [
            'id' => (int) $row['id'],
            'chunk_key' => $row['chunk_key_hp'],
            'object_name' => (string) $row['object_name'],
            'telescope_id' => $row['telescope'],
            'filter_name' => $row['filter_name'],
            'date_obs_start' => self::wholeSeconds($row['date_obs_start']) ?? '',
            'date_obs_end' => self::wholeSeconds($row['date_obs_end']),
            'ra_deg' => $number('ra_deg'),
            'dec_deg' => $number('dec_deg'),
            'n_frames_input' => (int) $row['n_frames_input'],
            'n_frames_aligned' => (int) $row['n_frames_aligned'],
            'file_size_bytes' => (int) $row['file_size_bytes'],
            'total_exptime' => $number('total_exptime'),
            'created_at' => Utc::wire($row['created_at']),
        ];
    }

    /** @param string|null $time ISO form, UTC, perhaps with a fraction, which some clients cannot read */
    private static function wholeSeconds(?string $time): ?string
    {
        return $time === null || $time === '' ? null : substr($time, 0, 19) . 'Z';
    }
}
