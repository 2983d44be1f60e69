<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\Nights\JobWords;

?>
<span class="state <?= $e($job->status->value) ?>"><?= $e(JobWords::state($texts, $job)) ?></span>
