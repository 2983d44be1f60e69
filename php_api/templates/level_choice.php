<?php
/**
 * @var string $name  for those who cannot see where it stands
 * @var CrowdSky\Trust\TrustLevel $level  the one chosen
 * @var Closure $e
 */
use CrowdSky\Trust\TrustLevel;

?>
<select name="level" aria-label="<?= $e($name) ?>">
<?php foreach (TrustLevel::cases() as $choice) : ?>
    <option<?= $choice === $level ? ' selected' : '' ?>><?= $e($choice->value) ?></option>
<?php endforeach ?>
</select>
