<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Format;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/** A file that was not stored. Nothing of it remains, and the session continues without it. */
final class UploadRefused extends Refusal
{
    public static function badExtension(string $message): self
    {
        return new self(RefusalKind::BadInput, 'bad_extension', $message);
    }

    /** PHP itself dropped the request body, which looks like a form without fields. */
    public static function formTooLarge(string $limit): self
    {
        return new self(RefusalKind::TooLarge, 'form_too_large', "The form is larger than this server accepts (post_max_size = $limit)."
            . ' Send fewer files at once, or each file by PUT, which has no such limit.');
    }

    public static function overQuota(Room $room, int $needed): self
    {
        return new self(RefusalKind::NoRoom, 'quota_exceeded', sprintf(
            'You have %s left of your %s for raw subs, and this file needs %s. Subs leave the site some time after their'
            . ' stack is stored, and make room then; you can also delete jobs you do not need, or ask the operator for more.',
            Format::bytes($room->remainingBytes()),
            Format::bytes($room->quotaBytes),
            Format::bytes($needed)
        ));
    }

    /** @param int $code UPLOAD_ERR_* of a multipart upload */
    public static function byPhp(int $code): self
    {
        return match ($code) {
            UPLOAD_ERR_INI_SIZE, UPLOAD_ERR_FORM_SIZE => new self(RefusalKind::TooLarge, 'too_large', sprintf(
                'The file is larger than this server accepts in a form (upload_max_filesize = %s). Send it by PUT.',
                ini_get('upload_max_filesize')
            )),
            UPLOAD_ERR_PARTIAL => new self(RefusalKind::BadInput, 'incomplete', 'The upload was cut off before its end. Send the file again.'),
            UPLOAD_ERR_NO_FILE => self::noFile(),
            UPLOAD_ERR_CANT_WRITE => new self(RefusalKind::NoRoom, 'disk_full', 'The server has no space left for uploads. Try again later.'),
            default => new self(RefusalKind::SiteFault, 'upload_failed', "PHP could not take the upload (error $code)."
                . ' Check upload_tmp_dir and the extensions of this server.'),
        };
    }

    public static function noFile(): self
    {
        return new self(RefusalKind::BadInput, 'no_file', 'No file was sent.');
    }
}
