<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Rescans\RescanState;

$word = $job->kind === JobKind::Rescan ? RescanState::word($job->status) : Format::state($job->status->value);
?>
<span class="state <?= $e($job->status->value) ?>"><?= $e($word) ?></span>
