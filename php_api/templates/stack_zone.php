<?php
/**
 * @var CrowdSky\Pages\StackClock $clock
 * @var CrowdSky\Jobs\Job $job that made the stack
 * @var ?CrowdSky\Pages\Veil $veil null for the owner
 * @var CrowdSky\Pages\TemplateTexts $t
 */
if ($clock->isWithoutUtc && $veil === null) : ?>
<p class="note"><?= $clock->zone === null
    ? $t('This stack has no times in UTC, because the time zone of its telescope is not known. <a href="account.php#zones">Set the time zone</a>, then delete <a href="job.php?id={id}">job {id}</a> and <a href="upload.php">upload its subs again</a>.', ['id' => $job->id])
    : $t('The time zone {zone} was set after these subs were stacked and does not count for this stack. To get its times in UTC, delete <a href="job.php?id={id}">job {id}</a> and <a href="upload.php">upload its subs again</a>.', ['zone' => $clock->zone, 'id' => $job->id]) ?></p>
<?php endif ?>
